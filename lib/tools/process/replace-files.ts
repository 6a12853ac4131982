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

/** Modes of created files and folders; existing folders keep theirs. */
export interface Modes {
  /** Mode of folders. @default - the process's default */
  readonly folder?: number;
  /** Mode of files. @default - the process's default */
  readonly file?: number;
}

type Undo = (() => unknown)[];

/**
 * Writes files, and creates missing folders. All files are written completely before the first one is moved
 * into place, signals are delayed until the last one, and concurrent writers do not interfere.
 * @throws Error that names the file; nothing is changed then, except if it fails while renaming.
 */
export function replaceFiles(
  files: readonly (readonly [path: string, text: string])[],
  modes: Modes = {},
): void {
  const undo: Undo = [];
  const suffix = `.${randomBytes(6).toString('hex')}.tmp`;
  delaySignals(() => {
    try {
      for (const [path, text] of files)
        withPathInErrors(path, () => writeTemporaryFile(path, suffix, text, modes, undo));
      for (const [path] of files) withPathInErrors(path, () => renameSync(path + suffix, path));
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  });
}

/** Whether a path is a file, or a link to one. */
export const isExistingFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** Removes a folder if it is empty. */
export function removeEmptyFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function writeTemporaryFile(path: string, suffix: string, text: string, modes: Modes, undo: Undo): void {
  if (existsSync(path) && !isExistingFile(path))
    throw new Error('it exists and is not a file; move or delete it');
  createFolder(dirname(path), modes.folder, undo);
  const beside = path + suffix;
  undo.push(() => existsSync(beside) && rmSync(beside));
  writeFileSync(beside, text, { flag: 'wx', mode: modes.file });
}

function createFolder(folder: string, mode: number | undefined, undo: Undo): void {
  if (existsSync(folder)) return;
  createFolder(dirname(folder), mode, undo);
  try {
    // Not `recursive`, with which Node loops forever where folders cannot be created, as in /proc.
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!existsSync(folder)) throw error;
  }
  undo.push(() => removeEmptyFolder(folder));
}

function withPathInErrors(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new Error(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

const TERMINATION_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Node calls signal handlers only between tasks, so the signal must still be handled after the work. */
function delaySignals(act: () => void): void {
  const ignoreSignal = () => undefined;
  for (const signal of TERMINATION_SIGNALS) process.on(signal, ignoreSignal);
  try {
    act();
  } finally {
    for (const signal of TERMINATION_SIGNALS) process.off(signal, ignoreSignal);
  }
}
