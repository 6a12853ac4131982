import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOrReplaceFiles } from '../process/replace-files';
import { renderEnvironmentFile } from './environment-file';
import {
  environmentImportLine,
  libraryImportPathOfEnvironment,
  renderEnvironmentEntry,
  tryRenderMainFileWithEnvironment,
} from './main-file';
import type { Answers } from './questions';

const MAIN = 'main.ts';

/** Result of `writeEnvironmentFileAndUpdateMain`. */
export interface WrittenEnvironment {
  /** Path of the written file. */
  readonly file: string;
  /**
   * Lines that the user must add to main.ts by hand, because `init` does not recognize the structure of main.ts.
   * @default - `init` added the environment to main.ts
   */
  readonly toAdd?: readonly string[];
}

/** Returns the path of the file of an environment. */
export const environmentFilePath = (name: string): string => join('environments', `${name}.ts`);

/**
 * Writes the file of an environment, and adds the environment to main.ts. If the function does not recognize the
 * structure of main.ts, it does not change main.ts, and returns the lines to add. Both files are written to temporary
 * files before the first one is renamed.
 * @throws Error when there is no main.ts, or when a file cannot be written. After an error, no file is changed, except if
 * renaming fails.
 */
export function writeEnvironmentFileAndUpdateMain(answers: Answers): WrittenEnvironment {
  const { name = '' } = answers;
  const file = environmentFilePath(name);
  const main = readMainFile();
  const changed = tryRenderMainFileWithEnvironment(main, name);
  const files = [[file, renderEnvironmentFile(answers, libraryImportPathOfEnvironment(main))] as const];
  createOrReplaceFiles(changed === undefined ? files : [...files, [MAIN, changed]]);
  if (changed !== undefined) return { file };
  return {
    file,
    toAdd: [environmentImportLine(name).trim(), `run({ ..., ${renderEnvironmentEntry(name)} });`],
  };
}

/** Returns whether the file of an environment already exists with the same content, as after an earlier run of `init`. */
export function isEnvironmentFileUpToDate(answers: Answers): boolean {
  const file = environmentFilePath(answers.name ?? '');
  return (
    existsSync(file) &&
    readFileSync(file, 'utf8') ===
      renderEnvironmentFile(answers, libraryImportPathOfEnvironment(readMainFile()))
  );
}

/** Returns whether the current folder has a main.ts. An app in JavaScript has no main.ts. */
export const hasMainFile = (): boolean => existsSync(MAIN);

function readMainFile(): string {
  if (hasMainFile()) return readFileSync(MAIN, 'utf8');
  throw new Error(
    `the current folder has no ${MAIN}: run the command in the folder of the app; in a JavaScript app, write the settings of the environment yourself`,
  );
}
