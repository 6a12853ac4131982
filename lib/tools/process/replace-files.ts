import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Who may use what is made; folders that are there keep their own. */
export interface Modes {
  /** @default - what the process gives */
  readonly folder?: number;
  /** @default - what the process gives */
  readonly file?: number;
}

type Undo = (() => unknown)[];

/**
 * Writes files, in folders that are made where there are none. All are complete on disk before the first one takes
 * its place, a signal waits for the last one, and who writes the same files meanwhile is not disturbed.
 *
 * @throws Error that names the file; all is then as it was, unless it broke in the middle of renaming.
 */
export function replaceFiles(
  files: readonly (readonly [path: string, text: string])[],
  modes: Modes = {},
): void {
  const undo: Undo = [];
  const suffix = `.${randomBytes(6).toString('hex')}.tmp`;
  uninterrupted(() => {
    try {
      for (const [path, text] of files) naming(path, () => writeBeside(path, suffix, text, modes, undo));
      for (const [path] of files) naming(path, () => renameSync(path + suffix, path));
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  });
}

/** Whether a file is there, or a link to one. */
export const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** Takes a folder away that holds nothing. */
export function removeEmptied(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function writeBeside(path: string, suffix: string, text: string, modes: Modes, undo: Undo): void {
  if (existsSync(path) && !isFile(path)) throw new Error('it is there and no file; move it out of the way');
  makeFolder(dirname(path), modes.folder, undo);
  const beside = path + suffix;
  undo.push(() => existsSync(beside) && rmSync(beside));
  writeFileSync(beside, text, { flag: 'wx', mode: modes.file });
}

function makeFolder(folder: string, mode: number | undefined, undo: Undo): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), mode, undo);
  try {
    // Not `recursive`: Node tries for ever where the system lets nobody make a folder, as in /proc.
    mkdirSync(folder, { mode });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
  undo.push(() => removeEmptied(folder));
}

function naming(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new Error(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Node calls the listeners of a signal only when no other code runs: it is lost when nobody does by then. */
function uninterrupted(act: () => void): void {
  const listener = () => undefined;
  for (const signal of ENDING) process.on(signal, listener);
  try {
    act();
  } finally {
    for (const signal of ENDING) process.off(signal, listener);
  }
}
