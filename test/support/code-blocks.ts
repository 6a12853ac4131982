import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isChinese } from './translations';

/** A code block in a Markdown document. */
export interface CodeBlock {
  /** Path of the document and line of the block: `docs/try.md:12`. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

/**
 * Returns the paths of all English documents for readers of the project. Translations have the same code blocks
 * (test/docs/translation.test.ts).
 */
export const markdownFiles = (): string[] => [
  ...readdirSync('.').filter((name) => name.endsWith('.md') && !isChinese(name)),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !isChinese(name))
    .sort()
    .map((name) => join('docs', name)),
];

/** Returns the code blocks of a document, in their order. */
export function codeBlocks(document: string): CodeBlock[] {
  const text = readFileSync(document, 'utf8');
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map((match) => {
    const [, indent = '', language = '', code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    return {
      place: `${document}:${line}`,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
}
