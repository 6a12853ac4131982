import { createIoOfThisProcess } from './tools/process/process-io';
import type { Environments } from './tools/synthesis/environment';
import { synthesize } from './tools/synthesis/synthesize';

/**
 * Runs the app. Without command-line arguments, the app synthesizes the environments. Otherwise, it runs the
 * command that the first argument names, such as `diff`. After an error, the app prints one message and sets an exit
 * code other than 0.
 * @param environments functions that create charts, by the name of the environment
 */
export function run(environments: Environments): void {
  const args = process.argv.slice(2);
  if (args.length) void loadAndRunCommand(args, environments);
  else process.exitCode = synthesize(environments, createIoOfThisProcess());
}

/**
 * Runs the command in `args` and sets the exit code. The modules of the commands are only loaded here, because a
 * synthesis does not need them.
 */
async function loadAndRunCommand(args: readonly string[], environments: Environments): Promise<void> {
  const { runCommand } = await import('./tools/commands/program');
  process.exitCode = await runCommand(args, { environments, io: createIoOfThisProcess() });
}
