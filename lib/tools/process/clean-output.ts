import type { CommandIo } from './command-io';
import { replaceEscapePlaceholders } from './escape-placeholders';

/** Control characters except for tab and line feed: C0, C1, DEL, and characters that change the direction of text. */
const CONTROLS = String.raw`[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`;

const EACH_CONTROL = new RegExp(CONTROLS, 'g');

/**
 * Returns the input and output of a command with escaped output: control characters are printed as text, such as
 * `\u001b`. Without escaping, texts from clusters, nodes, servers and files could move the cursor, erase text or color
 * text on the terminal.
 */
export function createIoWithEscapedOutput(io: CommandIo): CommandIo {
  const { ask } = io;
  return {
    ...io,
    stdout: (text) => io.stdout(escapeControlCharacters(text, io.stdoutIsTerminal)),
    stderr: (text) => io.stderr(escapeControlCharacters(text, io.stderrIsTerminal)),
    ...(ask && { ask: (question) => ask(escapeControlCharacters(question)) }),
  };
}

/**
 * Escapes control characters. On a terminal, keeps the escape sequences of `createTextColorizer` and
 * `createProgressPrinter`.
 */
const escapeControlCharacters = (text: string, isTerminal = false): string =>
  replaceEscapePlaceholders(text, isTerminal, (part) => part.replace(EACH_CONTROL, escapeControlCharacter));

/** Returns the JSON escape sequence of a control character, such as `\u001b`, so that JSON output remains valid. */
const escapeControlCharacter = (control: string): string =>
  `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
