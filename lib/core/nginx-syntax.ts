/** Joins the lines of a configuration with an indentation. */
export function indentLines(indent: number, ...all: readonly string[]): string {
  return all.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
}

/** Returns a block of directives. */
export const nginxBlock = (head: string, ...directives: readonly string[]): string[] => [
  `${head} {`,
  ...directives.map((directive) => `  ${directive}`),
  '}',
];

/** Quotes a text for nginx. The text must not contain characters that nginx cannot escape. */
export const nginxString = (text: string): string => `"${text}"`;

/** Returns a response with a reason. */
export const returnDirective = (status: number, reason: string): string =>
  `return ${status} ${nginxString(`${reason}\\n`)};`;
