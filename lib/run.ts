import { createProcessIo } from './tools/process/process-io';
import type { Environments } from './tools/synthesis/environment';
import { synthesize } from './tools/synthesis/synthesize';

/**
 * Runs the app: synthesizes its environments, or does with them what the command says that is its first
 * argument. What is wrong is said in one message, and the process ends with an exit code that is not 0.
 */
export function run(environments: Environments): void {
  const args = process.argv.slice(2);
  if (args.length) void command(args, environments);
  else process.exitCode = synthesize(environments, createProcessIo());
}

/** Loaded where it is needed: a synthesis has no use for it. */
async function command(args: readonly string[], environments: Environments): Promise<void> {
  const { runCommand } = await import('./tools/commands/program');
  process.exitCode = await runCommand(args, { environments, io: createProcessIo() });
}
