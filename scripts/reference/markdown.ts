/** Renders a Markdown table. Cells may contain HTML; `|` is escaped. Cells must not contain line ends. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** Renders a text as inline code. Returns an empty text for an empty text. */
export function inlineCode(text: string): string {
  if (!text) return '';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/**
 * Renders the default from a doc comment. The text of `@default` is a value, a value and a sentence after a dash, or
 * only a dash and a sentence.
 */
export function formatDefault(value = ''): string {
  const [, quoted, plain = '', sentence] = /^(?:"([^"]*)"|(\S*))(?:\s*- (.*))?$/.exec(value) ?? [];
  if (quoted === undefined && plain === '' && sentence === undefined) return value;
  const shown = quoted === undefined ? plain : `'${quoted}'`;
  return [inlineCode(shown === '-' ? '' : shown), sentence].filter(Boolean).join(', ');
}
