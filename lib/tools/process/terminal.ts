import type { CommandIo } from './command-io';
import { ownSequence } from './own-sequences';

/** Colors a text, if colors are supported. */
export type Painter = (color: 'red' | 'green' | 'yellow', text: string) => string;

/** Colors are used on a terminal, unless `NO_COLOR` is set (https://no-color.org). */
export function createPainter({ stdoutIsTerminal = false }: CommandIo): Painter {
  if (!stdoutIsTerminal || process.env.NO_COLOR) return (_, text) => text;
  return (color, text) => `${ownSequence(color)}${text}${ownSequence('end')}`;
}

/** Shows a status line, which replaces the previous one; an empty text removes it. */
export type Progress = (doing: string) => void;

/** Shows progress on standard error, if it is a terminal. */
export function createProgress({ stderr, stderrIsTerminal = false }: CommandIo): Progress {
  if (!stderrIsTerminal) return () => undefined;
  return (doing) => stderr(`${ownSequence('emptied line')}${doing}`);
}

/** Returns the streams of a command, with a status line on a terminal until the command prints something. */
export function showProgress(
  name: string,
  io: CommandIo,
): { readonly io: CommandIo; readonly end: () => void } {
  const show = createProgress(io);
  let isShown = true;
  const end = () => {
    if (isShown) show('');
    isShown = false;
  };
  const afterProgress =
    <Args extends readonly unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args): Result => {
      end();
      return act(...args);
    };
  show(`${name} ...`);
  const { ask } = io;
  const streams = {
    stdin: afterProgress(io.stdin),
    stdout: afterProgress(io.stdout),
    stderr: afterProgress(io.stderr),
  };
  return { io: { ...io, ...streams, ...(ask && { ask: afterProgress(ask) }) }, end };
}
