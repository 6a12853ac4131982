import type { CommandIo } from './command-io';
import { escapePlaceholder } from './escape-placeholders';

/** Colors a text, if colors are supported. */
export type Painter = (color: 'red' | 'green' | 'yellow', text: string) => string;

/** Colors are used on a terminal, unless `NO_COLOR` is set (https://no-color.org). */
export function createPainter({ stdoutIsTerminal = false }: CommandIo): Painter {
  if (!stdoutIsTerminal || process.env.NO_COLOR) return (_, text) => text;
  return (color, text) => `${escapePlaceholder(color)}${text}${escapePlaceholder('end')}`;
}

/** Shows a status line, which replaces the previous one; an empty text removes it. */
export type ShowProgress = (doing: string) => void;

/** Shows progress on standard error, if it is a terminal. */
export function createProgressLine({ stderr, stderrIsTerminal = false }: CommandIo): ShowProgress {
  if (!stderrIsTerminal) return () => undefined;
  return (doing) => stderr(`${escapePlaceholder('emptied line')}${doing}`);
}

/** Returns the streams of a command, with a status line on a terminal until the command prints something. */
export function withProgressLine(
  name: string,
  io: CommandIo,
): { readonly io: CommandIo; readonly end: () => void } {
  const show = createProgressLine(io);
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
