import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFile, removeEmptied, replaceFiles } from '../process/replace-files';

/** What became of the files of a synthesis. */
export interface Written {
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
}

/** Files that a synthesis writes: `<environment>/<chart>/<object>.k8s.yaml`. All others belong to the user. */
const OURS = /\.k8s\.yaml$/;

/**
 * Makes a folder hold these files. Files that are as they should be are not touched; those of earlier
 * syntheses that are no longer made are removed; everything else in the folder is left alone. All changed
 * files are complete on disk before the first one takes its place.
 *
 * @throws Error of the file system; the folder is then as it was, unless it broke in the middle of renaming.
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): Written {
  const changed = [...files].filter(([path, text]) => textOf(join(folder, path)) !== text);
  const stale = synthesizedFiles(folder).filter((path) => !files.has(path));
  replaceFiles(changed.map(([path, text]) => [join(folder, path), text]));
  for (const path of stale) remove(folder, path);
  return { changed: changed.length, removed: stale.length, unchanged: files.size - changed.length };
}

/** The files of earlier syntheses in a folder, by their path below it. */
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
