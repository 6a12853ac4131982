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

/** Modes of created files and folders. Existing folders keep their mode. */
export interface Modes {
  /** Mode of created folders, such as `0o700`. @default - 0o777 minus the umask of the process */
  readonly folder?: number;
  /** Mode of files, such as `0o600`. @default - 0o666 minus the umask of the process */
  readonly file?: number;
}

type Undo = (() => unknown)[];

/**
 * Writes files, and creates missing folders. All files are written to temporary files before the first one is renamed to its
 * final path. Signals do not interrupt this function. Several processes can write the same files at the same time.
 * @throws Error when a file cannot be written, with its path. After an error, no file is changed, except if renaming fails.
 */
export function createOrReplaceFiles(
  files: readonly (readonly [path: string, text: string])[],
  modes: Modes = {},
): void {
  const undo: Undo = [];
  const suffix = `.${randomBytes(6).toString('hex')}.tmp`;
  runWithSignalsIgnored(() => {
    try {
      for (const [path, text] of files)
        runWithPathInErrors(path, () => writeTemporaryFile(path, suffix, text, modes, undo));
      for (const [path] of files) runWithPathInErrors(path, () => renameSync(path + suffix, path));
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  });
}

/** Returns whether a path exists and is a file or a link to a file. */
export const isExistingFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** Removes a folder if it is empty. */
export function removeFolderIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function writeTemporaryFile(path: string, suffix: string, text: string, modes: Modes, undo: Undo): void {
  if (existsSync(path) && !isExistingFile(path))
    throw new Error('the path exists and is not a file; move or delete it');
  createFolderWithParents(dirname(path), modes.folder, undo);
  const beside = path + suffix;
  undo.push(() => existsSync(beside) && rmSync(beside));
  writeFileSync(beside, text, { flag: 'wx', mode: modes.file });
}

function createFolderWithParents(folder: string, mode: number | undefined, undo: Undo): void {
  if (existsSync(folder)) return;
  createFolderWithParents(dirname(folder), mode, undo);
  try {
    // The option `recursive` is not used: where folders cannot be created, as in /proc, Node.js would loop forever.
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have created the folder meanwhile.
    if (!existsSync(folder)) throw error;
  }
  undo.push(() => removeFolderIfEmpty(folder));
}

function runWithPathInErrors(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new Error(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

const TERMINATION_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a synchronous function. A termination signal that arrives meanwhile is lost: it does not end the process, not
 * even after the function has returned.
 */
function runWithSignalsIgnored(act: () => void): void {
  const ignoreSignal = () => undefined;
  for (const signal of TERMINATION_SIGNALS) process.on(signal, ignoreSignal);
  try {
    act();
  } finally {
    for (const signal of TERMINATION_SIGNALS) process.off(signal, ignoreSignal);
  }
}
