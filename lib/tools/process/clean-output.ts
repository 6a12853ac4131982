import type { CommandIo } from './command-io';
import { withSequences } from './own-sequences';

/** Controls but tabs and line ends: C0, C1, DEL, and those that turn the direction of a text. */
const CONTROLS = String.raw`[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`;

const EACH_CONTROL = new RegExp(CONTROLS, 'g');

/**
 * The streams of a command, which show a control character as `\u001b`: what clusters, nodes, servers and files say is
 * repeated in tables and messages, and must neither move the cursor, nor erase, nor color what somebody reads.
 */
export function cleanOutput(io: CommandIo): CommandIo {
  const { ask } = io;
  return {
    ...io,
    stdout: (text) => io.stdout(clean(text, io.stdoutIsTerminal)),
    stderr: (text) => io.stderr(clean(text, io.stderrIsTerminal)),
    ...(ask && { ask: (question) => ask(clean(question)) }),
  };
}

/** Of all sequences, only those of `painter` and `progress` stay. */
const clean = (text: string, isTerminal = false): string =>
  withSequences(text, isTerminal, (part) => part.replace(EACH_CONTROL, visible));

/** As JSON writes it, so that what another program reads stays JSON. */
const visible = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
