import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFiles } from '../process/replace-files';
import { renderEnvironmentFile } from './environment-file';
import { addEnvironment, environmentArgument, findLibraryPath, importLine } from './main-file';
import type { Answers } from './questions';

const MAIN = 'main.ts';

/** Result of `writeEnvironment`. */
export interface WrittenEnvironment {
  readonly file: string;
  /** Lines to add to main.ts manually, since its structure is unknown. @default - they were added */
  readonly toAdd?: readonly string[];
}

/** Returns the file of an environment. */
export const environmentPath = (name: string): string => join('environments', `${name}.ts`);

/**
 * Writes the file of an environment and adds it to main.ts. Both files are written completely before the
 * first one is moved into place.
 * @throws Error when there is no main.ts, or of the file system; nothing is written then, except if it fails
 * while renaming.
 */
export function writeEnvironment(answers: Answers): WrittenEnvironment {
  const { name = '' } = answers;
  const file = environmentPath(name);
  const main = readMainFile();
  const changed = addEnvironment(main, name);
  const files = [[file, renderEnvironmentFile(answers, findLibraryPath(main))] as const];
  replaceFiles(changed === undefined ? files : [...files, [MAIN, changed]]);
  if (changed !== undefined) return { file };
  return { file, toAdd: [importLine(name).trim(), `run({ ..., ${environmentArgument(name)} });`] };
}

/** Whether the file of an environment already exists with this content, as after an earlier call. */
export function isAlreadyWritten(answers: Answers): boolean {
  const file = environmentPath(answers.name ?? '');
  return (
    existsSync(file) &&
    readFileSync(file, 'utf8') === renderEnvironmentFile(answers, findLibraryPath(readMainFile()))
  );
}

/** Whether this folder has a main.ts; an app in JavaScript has none. */
export const hasMainFile = (): boolean => existsSync(MAIN);

function readMainFile(): string {
  if (hasMainFile()) return readFileSync(MAIN, 'utf8');
  throw new Error(
    `this folder has no ${MAIN} to add the environment to: run the command in the app's folder; ` +
      'in a JavaScript app, add the settings of the environment manually',
  );
}
