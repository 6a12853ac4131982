import type { CommandIo } from './command-io';
import { placeholderForNamedEscapeSequence } from './escape-placeholders';

/** Function that returns a text in a color. Returns the text unchanged if the output must not have colors. */
export type Painter = (color: 'red' | 'green' | 'yellow', text: string) => string;

/**
 * Creates a function that colors text for standard output. The function leaves the text unchanged if standard output
 * is not a terminal, or if the environment variable `NO_COLOR` is set (https://no-color.org).
 */
export function createTextColorizer({ stdoutIsTerminal = false }: CommandIo): Painter {
  if (!stdoutIsTerminal || process.env.NO_COLOR) return (_, text) => text;
  return (color, text) =>
    `${placeholderForNamedEscapeSequence(color)}${text}${placeholderForNamedEscapeSequence('end')}`;
}

/** Function that replaces the status line on the terminal. An empty text removes the status line. */
export type ShowProgress = (doing: string) => void;

/**
 * Creates a function that shows a status line on standard error. The function does nothing if standard error is not a
 * terminal.
 */
export function createProgressPrinter({ stderr, stderrIsTerminal = false }: CommandIo): ShowProgress {
  if (!stderrIsTerminal) return () => undefined;
  return (doing) => stderr(`${placeholderForNamedEscapeSequence('emptied line')}${doing}`);
}

/**
 * Shows a status line, such as `diff ...`, on a terminal until the command prints something or reads its input.
 * @returns input and output for the command, and a function that removes the status line
 */
export function showProgressLine(
  name: string,
  io: CommandIo,
): { readonly io: CommandIo; readonly removeProgressLine: () => void } {
  const show = createProgressPrinter(io);
  let isShown = true;
  const removeProgressLine = () => {
    if (isShown) show('');
    isShown = false;
  };
  const wrapWithProgressLineRemoval =
    <Args extends readonly unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args): Result => {
      removeProgressLine();
      return act(...args);
    };
  show(`${name} ...`);
  const { ask } = io;
  const streams = {
    stdin: wrapWithProgressLineRemoval(io.stdin),
    stdout: wrapWithProgressLineRemoval(io.stdout),
    stderr: wrapWithProgressLineRemoval(io.stderr),
  };
  return {
    io: { ...io, ...streams, ...(ask && { ask: wrapWithProgressLineRemoval(ask) }) },
    removeProgressLine,
  };
}
