import type { CommandIo } from './command-io';
import { ownSequence } from './own-sequences';

/** Gives a text a color, where colors are seen. */
export type Painter = (color: 'red' | 'green' | 'yellow', text: string) => string;

/** Colors on a terminal only, and not where somebody set `NO_COLOR` (https://no-color.org). */
export function painter({ stdoutIsTerminal = false }: CommandIo): Painter {
  if (!stdoutIsTerminal || process.env.NO_COLOR) return (_, text) => text;
  return (color, text) => `${ownSequence(color)}${text}${ownSequence('end')}`;
}

/** A line that says what is going on, in the place of the one before; an empty one takes it away. */
export type Progress = (doing: string) => void;

/** Progress on standard error, where that is a terminal. */
export function progress({ stderr, stderrIsTerminal = false }: CommandIo): Progress {
  if (!stderrIsTerminal) return () => undefined;
  return (doing) => stderr(`${ownSequence('emptied line')}${doing}`);
}

/** The streams of a command of which a terminal says that it works, until it prints something itself. */
export function working(name: string, io: CommandIo): { readonly io: CommandIo; readonly end: () => void } {
  const show = progress(io);
  let isShown = true;
  const end = () => {
    if (isShown) show('');
    isShown = false;
  };
  const after =
    <Args extends readonly unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args): Result => {
      end();
      return act(...args);
    };
  show(`${name} ...`);
  const { ask } = io;
  const streams = { stdin: after(io.stdin), stdout: after(io.stdout), stderr: after(io.stderr) };
  return { io: { ...io, ...streams, ...(ask && { ask: after(ask) }) }, end };
}
