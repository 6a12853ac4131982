import { createProcessIo } from './tools/process/process-io';
import type { Environments } from './tools/synthesis/environment';
import { synthesize } from './tools/synthesis/synthesize';

/**
 * Runs the app: synthesizes its environments, or runs the command that its first argument names. An error is printed as
 * one message, and the exit code is not 0.
 */
export function run(environments: Environments): void {
  const args = process.argv.slice(2);
  if (args.length) void runCommandModule(args, environments);
  else process.exitCode = synthesize(environments, createProcessIo());
}

/** Loaded where it is needed: a synthesis has no use for it. */
async function runCommandModule(args: readonly string[], environments: Environments): Promise<void> {
  const { runCommand } = await import('./tools/commands/program');
  process.exitCode = await runCommand(args, { environments, io: createProcessIo() });
}
