import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createOrReplaceFiles, isExistingFile, removeFolderIfEmpty } from '../process/replace-files';

/** Numbers of changed, removed and unchanged files after a synthesis. */
export interface OutputCounts {
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/**
 * Matches the files that a synthesis writes: `<environment>/<chart>/<object>.k8s.yaml`. Other files in the folder belong to the
 * user, and are never changed.
 */
const SYNTHESIZED_FILE = /\.k8s\.yaml$/;

/**
 * Writes the files of a synthesis into a folder. Does not write files with unchanged content. Removes files of
 * earlier syntheses that this synthesis does not create. All changed files are written to temporary files before the
 * first one is renamed to its final path.
 * @param files texts of the files, by their path below the folder
 * @throws Error when a file cannot be written or removed. If a file cannot be written, the folder is unchanged,
 * except if renaming fails.
 */
export function updateOutputFolder(folder: string, files: ReadonlyMap<string, string>): OutputCounts {
  const changed = [...files].filter(([path, text]) => readFileIfExists(join(folder, path)) !== text);
  const stale = listSynthesizedFiles(folder).filter((path) => !files.has(path));
  createOrReplaceFiles(changed.map(([path, text]) => [join(folder, path), text]));
  for (const path of stale) removeFileAndEmptyFolders(folder, path);
  return { changed: changed.length, removed: stale.length, unchanged: files.size - changed.length };
}

/** Returns the files of earlier syntheses in a folder, as paths below the folder. */
export function listSynthesizedFiles(folder: string): string[] {
  const readDirectoryEntries = (path: string) => readdirSync(join(folder, path), { withFileTypes: true });
  if (!existsSync(folder)) return [];
  const listSubfolders = (path: string) =>
    readDirectoryEntries(path)
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  return listSubfolders('')
    .flatMap(listSubfolders)
    .flatMap((chart) =>
      readDirectoryEntries(chart)
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => join(chart, name)),
    )
    .filter((path) => SYNTHESIZED_FILE.test(path));
}

function removeFileAndEmptyFolders(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (const emptied of [dirname(path), dirname(dirname(path))]) removeFolderIfEmpty(join(folder, emptied));
}

function readFileIfExists(path: string): string | undefined {
  return isExistingFile(path) ? readFileSync(path, 'utf8') : undefined;
}
