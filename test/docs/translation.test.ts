import { readFileSync } from 'node:fs';
import type { Token } from 'markdown-it';
import { markdown, pageOf } from '../support/markdown';

const tokensOf = (path: string): Token[] => markdown.parse(readFileSync(path, 'utf8'), {});
const inlineOf = (tokens: readonly Token[]): Token[] => tokens.flatMap(({ children }) => children ?? []);

const [english, chinese] = [tokensOf('README.md'), tokensOf('README.zh-CN.md')] as const;

/** What stands in the same place, whatever the language: headings, tables, lists, paragraphs. */
const structure = (tokens: readonly Token[]): string[] =>
  tokens.filter(({ type }) => type !== 'inline').map(({ type, tag }) => `${type} ${tag}`);

const codeBlocks = (tokens: readonly Token[]): string[] =>
  tokens.filter(({ type }) => type === 'fence').map(({ info, content }) => `${info}\n${content}`);

const codeWords = (tokens: readonly Token[]): string[] =>
  inlineOf(tokens)
    .flatMap(({ type, content }) => (type === 'code_inline' ? [content] : []))
    .sort();

const linksOf = (path: string): string[] =>
  pageOf(path)
    .links.filter((link) => !link.startsWith('README'))
    .sort();

/** Numbers in the texts, which no language writes differently here. */
const numbersOf = (tokens: readonly Token[]): string[] =>
  inlineOf(tokens)
    .flatMap(({ type, content }) => (type === 'text' ? (content.match(/\d[\d.,]*\d|\d/g) ?? []) : []))
    .sort();

test('the Chinese README has the headings, tables and lists of the English one, in the same order', () => {
  expect(structure(english).length).toBeGreaterThan(50);
  expect(structure(chinese)).toEqual(structure(english));
});

test('its code is the same', () => {
  expect(codeBlocks(chinese)).toEqual(codeBlocks(english));
  expect(codeWords(chinese)).toEqual(codeWords(english));
});

test('its links lead to the same pages', () => {
  expect(linksOf('README.zh-CN.md')).toEqual(linksOf('README.md'));
});

test('its figures are the same', () => {
  expect(numbersOf(english).length).toBeGreaterThan(20);
  expect(numbersOf(chinese)).toEqual(numbersOf(english));
});

test('each leads to the other', () => {
  expect(pageOf('README.md').links).toContain('README.zh-CN.md');
  expect(pageOf('README.zh-CN.md').links).toContain('README.md');
});
