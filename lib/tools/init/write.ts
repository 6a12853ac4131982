import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFiles } from '../process/replace-files';
import { environmentFile } from './environment-file';
import { addEnvironment, environmentEntry, importLine, libraryPath } from './main-file';
import type { Answers } from './questions';

const MAIN = 'main.ts';

/** Result of `writeEnvironment`. */
export interface Written {
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
export function writeEnvironment(answers: Answers): Written {
  const { name = '' } = answers;
  const file = environmentPath(name);
  const main = readMain();
  const changed = addEnvironment(main, name);
  const files = [[file, environmentFile(answers, libraryPath(main))] as const];
  replaceFiles(changed === undefined ? files : [...files, [MAIN, changed]]);
  if (changed !== undefined) return { file };
  return { file, toAdd: [importLine(name).trim(), `run({ ..., ${environmentEntry(name)} });`] };
}

/** Whether the file of an environment already exists with this content, as after an earlier call. */
export function isWritten(answers: Answers): boolean {
  const file = environmentPath(answers.name ?? '');
  return existsSync(file) && readFileSync(file, 'utf8') === environmentFile(answers, libraryPath(readMain()));
}

/** Whether this folder has a main.ts; an app in JavaScript has none. */
export const hasMainFile = (): boolean => existsSync(MAIN);

function readMain(): string {
  if (hasMainFile()) return readFileSync(MAIN, 'utf8');
  throw new Error(
    `this folder has no ${MAIN} to add the environment to: run the command in the app's folder; ` +
      'in a JavaScript app, add the settings of the environment manually',
  );
}
