import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes files, in folders that are made where there are none. All are complete on disk before the first one takes
 * its place.
 *
 * @throws Error of the file system; all is then as it was, unless it broke in the middle of renaming.
 */
export function replaceFiles(files: readonly (readonly [path: string, text: string])[]): void {
  const temporary = (path: string) => `${path}.tmp`;
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary(path), text);
    }
    for (const [path] of files) renameSync(temporary(path), path);
  } finally {
    for (const [path] of files) rmSync(temporary(path), { force: true });
  }
}
