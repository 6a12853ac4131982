/** A table; cells may hold what ends them, but for `|`. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** Code in a line; nothing for nothing. */
export function inlineCode(text: string): string {
  if (!text) return '';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** The default of an option, as its comment says it: a value in quotes, a sentence behind a dash, or both. */
export function defaultText(value = ''): string {
  const [, quoted, plain = '', sentence] = /^(?:"([^"]*)"|(\S*))(?:\s*- (.*))?$/.exec(value) ?? [];
  if (quoted === undefined && plain === '' && sentence === undefined) return value;
  const shown = quoted === undefined ? plain : `'${quoted}'`;
  return [inlineCode(shown === '-' ? '' : shown), sentence].filter(Boolean).join(', ');
}
