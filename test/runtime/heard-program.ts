import type { ChildProcess } from 'node:child_process';
import type { Cleanup } from './cleanup';
import { spawnKilledWithParent } from './programs';

/** A program that a test started, and its output. */
export interface HeardProgram {
  readonly child: ChildProcess;
  /** Parts of standard output and standard error, in order of arrival. */
  readonly said: string[];
  /** Resolves when the program has ended. */
  readonly ended: Promise<unknown>;
}

/** Starts a program, records its output, and kills it at the end of the test. */
export function startRecordedProgram(
  command: readonly string[],
  cleanup: Cleanup,
  env: Readonly<Record<string, string>> = {},
): HeardProgram {
  const child = spawnKilledWithParent(command, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) output?.on('data', (text) => said.push(`${text}`));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  cleanup.add(async () => {
    child.kill('SIGKILL');
    await ended;
    for (const output of [child.stdout, child.stderr]) output?.destroy();
  });
  return { child, said, ended };
}
