/** Indents lines and joins them to a text. @param indent number of spaces */
export function indentLines(indent: number, ...all: readonly string[]): string {
  return all.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
}

/** Returns the lines of an nginx block with directives. @param head text before the brace, such as `location /` */
export const nginxBlockLines = (head: string, ...directives: readonly string[]): string[] => [
  `${head} {`,
  ...directives.map((directive) => `  ${directive}`),
  '}',
];

/**
 * Returns a double-quoted nginx string. The text is not escaped, so it must not contain double quotes and
 * backslashes, and nginx replaces variables in the text.
 */
export const nginxString = (text: string): string => `"${text}"`;

/** Returns the nginx directive for a response with a status and an error message. */
export const errorResponseDirective = (status: number, reason: string): string =>
  `return ${status} ${nginxString(`${reason}\\n`)};`;

/** Returns the nginx variable that contains a request header, such as `$http_x_auth_user` for `X-Auth-User`. */
export const requestHeaderVariable = (header: string): string =>
  `$http_${header.toLowerCase().replaceAll('-', '_')}`;
