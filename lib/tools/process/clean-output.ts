import type { CommandIo } from './command-io';
import { replacePlaceholders } from './escape-placeholders';

/**
 * Control characters except for tabs and line ends: C0, C1, DEL, and those that change the text direction.
 */
const CONTROLS = String.raw`[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`;

const EACH_CONTROL = new RegExp(CONTROLS, 'g');

/**
 * Returns the streams of a command with control characters shown as `\u001b`. Texts from clusters, nodes,
 * servers and files appear in tables and messages, and must not move the cursor, erase or color text.
 */
export function withEscapedOutput(io: CommandIo): CommandIo {
  const { ask } = io;
  return {
    ...io,
    stdout: (text) => io.stdout(escapeControls(text, io.stdoutIsTerminal)),
    stderr: (text) => io.stderr(escapeControls(text, io.stderrIsTerminal)),
    ...(ask && { ask: (question) => ask(escapeControls(question)) }),
  };
}

/** Keeps only the escape sequences of `painter` and `progress`. */
const escapeControls = (text: string, isTerminal = false): string =>
  replacePlaceholders(text, isTerminal, (part) => part.replace(EACH_CONTROL, escapeControl));

/** In JSON's notation, so that JSON output stays valid. */
const escapeControl = (control: string): string =>
  `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
