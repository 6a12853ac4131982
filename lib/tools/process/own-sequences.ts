import { randomUUID } from 'node:crypto';

/** Stands for ESC in what this program writes itself. Another one at each start: no text of a cluster holds it. */
const MARK = randomUUID();

/** Sequences of a terminal, by the names that they have in texts until they are written. */
const SEQUENCES: ReadonlyMap<string, string> = new Map([
  ['end', '\x1b[0m'],
  ['red', '\x1b[31m'],
  ['green', '\x1b[32m'],
  ['yellow', '\x1b[33m'],
  ['emptied line', '\r\x1b[K'],
]);

/** A sequence of this program's own, which `cleanOutput` writes to a terminal. */
export const ownSequence = (name: 'end' | 'red' | 'green' | 'yellow' | 'emptied line'): string =>
  `${MARK}${name};`;

/** Writes the sequences of this program for a terminal, and what is between them as another function says. */
export const withSequences = (text: string, isTerminal: boolean, between: (part: string) => string): string =>
  text
    .split(new RegExp(`${MARK}([a-z ]+);`))
    .map((part, index) => (index % 2 === 0 ? between(part) : isTerminal ? (SEQUENCES.get(part) ?? '') : ''))
    .join('');
