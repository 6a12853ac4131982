/** Indented lines of a configuration. */
export function lines(indent: number, ...all: readonly string[]): string {
  return all.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
}

/** A block of directives. */
export const block = (head: string, ...directives: readonly string[]): string[] => [
  `${head} {`,
  ...directives.map((directive) => `  ${directive}`),
  '}',
];

/** A text as nginx reads it; what options give was checked for what nginx has no way to escape. */
export const quoted = (text: string): string => `"${text}"`;

/** An answer that says why. */
export const answer = (status: number, reason: string): string =>
  `return ${status} ${quoted(`${reason}\\n`)};`;
