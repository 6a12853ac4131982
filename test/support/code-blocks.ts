import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isChinese } from './translations';

/** A block of code in a document. */
export interface CodeBlock {
  /** The document's path and the block's line in it. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

/** Every document for readers of the project. Translations have the same code blocks (test/docs/translation.test.ts). */
export const markdownFiles = (): string[] => [
  ...readdirSync('.').filter((name) => name.endsWith('.md') && !isChinese(name)),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !isChinese(name))
    .sort()
    .map((name) => join('docs', name)),
];

/** The code blocks of a document, in their order. */
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
