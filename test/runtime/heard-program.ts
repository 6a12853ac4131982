import type { ChildProcess } from 'node:child_process';
import type { Cleanup } from './cleanup';
import { spawnMortal } from './programs';

/** A program that was started for a test, and its output. */
export interface HeardProgram {
  readonly child: ChildProcess;
  /** Standard output and errors, in the order in which they came. */
  readonly said: string[];
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
}

/** Starts a program, and ends it with the test. */
export function startHeard(
  command: readonly string[],
  cleanup: Cleanup,
  env: Readonly<Record<string, string>> = {},
): HeardProgram {
  const child = spawnMortal(command, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
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
