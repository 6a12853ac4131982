/** Renders a table; cells may contain HTML and line ends, but no `|`. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** Renders inline code; empty for an empty text. */
export function inlineCode(text: string): string {
  if (!text) return '';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Renders the default of an option from its comment: a value in quotes, a sentence after a dash, or both. */
export function defaultText(value = ''): string {
  const [, quoted, plain = '', sentence] = /^(?:"([^"]*)"|(\S*))(?:\s*- (.*))?$/.exec(value) ?? [];
  if (quoted === undefined && plain === '' && sentence === undefined) return value;
  const shown = quoted === undefined ? plain : `'${quoted}'`;
  return [inlineCode(shown === '-' ? '' : shown), sentence].filter(Boolean).join(', ');
}
