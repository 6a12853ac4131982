import { randomUUID } from 'node:crypto';

/**
 * Prefix of the placeholders for escape sequences in the output of this program. The prefix is random, so that texts
 * from a cluster cannot contain it.
 */
const PLACEHOLDER_PREFIX = randomUUID();

/** Terminal escape sequences by name. */
const ESCAPE_SEQUENCES: ReadonlyMap<string, string> = new Map([
  ['end', '\x1b[0m'],
  ['red', '\x1b[31m'],
  ['green', '\x1b[32m'],
  ['yellow', '\x1b[33m'],
  ['emptied line', '\r\x1b[K'],
]);

/** Returns a placeholder for an escape sequence, which `createIoWithEscapedOutput` replaces on a terminal. */
export const placeholderForNamedEscapeSequence = (
  name: 'end' | 'red' | 'green' | 'yellow' | 'emptied line',
): string => `${PLACEHOLDER_PREFIX}${name};`;

/**
 * Replaces placeholders by escape sequences, or removes the placeholders if the output is not a terminal.
 * @param between converts each part of the text that is not a placeholder
 */
export const replaceEscapePlaceholders = (
  text: string,
  isTerminal: boolean,
  between: (part: string) => string,
): string =>
  text
    .split(new RegExp(`${PLACEHOLDER_PREFIX}([a-z ]+);`))
    .map((part, index) =>
      index % 2 === 0 ? between(part) : isTerminal ? (ESCAPE_SEQUENCES.get(part) ?? '') : '',
    )
    .join('');
