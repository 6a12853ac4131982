import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block of code in a document. */
export interface CodeBlock {
  /** The document's path and the block's line in it. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

/** Every document that a reader of the project is shown. */
export const documents = (): string[] => [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
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
