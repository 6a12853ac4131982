import { runCommand } from '../../lib/tools/commands/program';
import type { CommandIo } from '../../lib/tools/process/command-io';
import type { Environments } from '../../lib/tools/synthesis/environment';

/** Creates streams for a command, which record the output of the command. */
export function createRecordedIo(terminal: Partial<CommandIo> = {}) {
  const written = { stdout: '', stderr: '' };
  const io: CommandIo = {
    stdin: () => '',
    stdout: (text) => {
      written.stdout += text;
    },
    stderr: (text) => {
      written.stderr += text;
    },
    ...terminal,
  };
  return { io, written };
}

/** Runs a command, and returns its exit code and output. */
export async function callCommand(
  args: readonly string[],
  environments: Environments = {},
  terminal: Partial<CommandIo> = {},
) {
  const { io, written } = createRecordedIo(terminal);
  return { code: await runCommand(args, { environments, io }), ...written };
}
