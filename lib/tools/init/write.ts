import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFiles } from '../process/replace-files';
import { environmentFile } from './environment-file';
import { entryOf, importOf, libraryOf, withEnvironment } from './main-file';
import type { Answers } from './questions';

const MAIN = 'main.ts';

/** What became of the files. */
export interface Written {
  readonly file: string;
  /** Lines that somebody has to add to main.ts, since its shape is not known. @default - it has them */
  readonly toAdd?: readonly string[];
}

/** The file of an environment. */
export const fileOf = (name: string): string => join('environments', `${name}.ts`);

/**
 * Writes the file of an environment, and its line into main.ts. Both are complete on disk before the first one
 * takes its place.
 *
 * @throws Error when there is no main.ts, or of the file system; nothing was written then, unless it broke in the
 * middle of renaming.
 */
export function writeEnvironment(answers: Answers): Written {
  const { name = '' } = answers;
  const file = fileOf(name);
  const main = readMain();
  const changed = withEnvironment(main, name);
  const files = [[file, environmentFile(answers, libraryOf(main))] as const];
  replaceFiles(changed === undefined ? files : [...files, [MAIN, changed]]);
  if (changed !== undefined) return { file };
  return { file, toAdd: [importOf(name).trim(), `run({ ..., ${entryOf(name)} });`] };
}

/** Whether the file of an environment is there, as it would be written: the command was called before. */
export function isWritten(answers: Answers): boolean {
  const file = fileOf(answers.name ?? '');
  return existsSync(file) && readFileSync(file, 'utf8') === environmentFile(answers, libraryOf(readMain()));
}

/** Whether there is a main.ts in this folder, which an app in JavaScript does not have. */
export const hasMainFile = (): boolean => existsSync(MAIN);

function readMain(): string {
  if (hasMainFile()) return readFileSync(MAIN, 'utf8');
  throw new Error(
    `there is no ${MAIN} here, to which a new environment is added: run this in its folder; ` +
      'in an app in JavaScript, add the settings of the new environment by hand',
  );
}
