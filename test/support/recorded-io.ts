import type { CommandIo } from '../../lib/contracts/command-io';

/** Streams that remember what was written. */
export function recordedIo(terminal: Partial<CommandIo> = {}) {
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
