import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFile, removeEmptied, replaceFiles } from '../process/replace-files';

/** Result of writing a synthesis. */
export interface Written {
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/**
 * Files that a synthesis writes: `<environment>/<chart>/<object>.k8s.yaml`. All others belong to the user.
 */
const OURS = /\.k8s\.yaml$/;

/**
 * Updates a folder to contain these files. Unchanged files are not touched, files of earlier syntheses that
 * are no longer created are removed, and all other files are kept. All changed files are written completely
 * before the first one is moved into place.
 * @throws Error of the file system; the folder is unchanged then, except if it fails while renaming.
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): Written {
  const changed = [...files].filter(([path, text]) => textOf(join(folder, path)) !== text);
  const stale = synthesizedFiles(folder).filter((path) => !files.has(path));
  replaceFiles(changed.map(([path, text]) => [join(folder, path), text]));
  for (const path of stale) remove(folder, path);
  return { changed: changed.length, removed: stale.length, unchanged: files.size - changed.length };
}

/** Returns the files of earlier syntheses in a folder, by path below it. */
export function synthesizedFiles(folder: string): string[] {
  const names = (path: string) => readdirSync(join(folder, path), { withFileTypes: true });
  if (!existsSync(folder)) return [];
  const folders = (path: string) =>
    names(path)
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  return folders('')
    .flatMap(folders)
    .flatMap((chart) =>
      names(chart)
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => join(chart, name)),
    )
    .filter((path) => OURS.test(path));
}

function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (const emptied of [dirname(path), dirname(dirname(path))]) removeEmptied(join(folder, emptied));
}

function textOf(path: string): string | undefined {
  return isFile(path) ? readFileSync(path, 'utf8') : undefined;
}
