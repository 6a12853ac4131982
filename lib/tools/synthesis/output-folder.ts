import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isExistingFile, removeEmptyFolder, replaceFiles } from '../process/replace-files';

/** Result of writing a synthesis. */
export interface OutputCounts {
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/**
 * Files that a synthesis writes: `<environment>/<chart>/<object>.k8s.yaml`. All others belong to the user.
 */
const SYNTHESIZED_FILE = /\.k8s\.yaml$/;

/**
 * Updates a folder to contain these files. Unchanged files are not touched, files of earlier syntheses that
 * are no longer created are removed, and all other files are kept. All changed files are written completely
 * before the first one is moved into place.
 * @throws Error of the file system; the folder is unchanged then, except if it fails while renaming.
 */
export function writeOutputFiles(folder: string, files: ReadonlyMap<string, string>): OutputCounts {
  const changed = [...files].filter(([path, text]) => tryReadFile(join(folder, path)) !== text);
  const stale = listSynthesizedFiles(folder).filter((path) => !files.has(path));
  replaceFiles(changed.map(([path, text]) => [join(folder, path), text]));
  for (const path of stale) removeOutputFile(folder, path);
  return { changed: changed.length, removed: stale.length, unchanged: files.size - changed.length };
}

/** Returns the files of earlier syntheses in a folder, by path below it. */
export function listSynthesizedFiles(folder: string): string[] {
  const directoryEntries = (path: string) => readdirSync(join(folder, path), { withFileTypes: true });
  if (!existsSync(folder)) return [];
  const listFolders = (path: string) =>
    directoryEntries(path)
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  return listFolders('')
    .flatMap(listFolders)
    .flatMap((chart) =>
      directoryEntries(chart)
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => join(chart, name)),
    )
    .filter((path) => SYNTHESIZED_FILE.test(path));
}

function removeOutputFile(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (const emptied of [dirname(path), dirname(dirname(path))]) removeEmptyFolder(join(folder, emptied));
}

function tryReadFile(path: string): string | undefined {
  return isExistingFile(path) ? readFileSync(path, 'utf8') : undefined;
}
