import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Token } from 'markdown-it';
import { markdown, parsePage } from '../support/markdown';
import { chineseOf, englishOf, hasChinese, isChinese, translatedPages } from '../support/translations';

const tokensOf = (path: string): Token[] => markdown.parse(readFileSync(path, 'utf8'), {});
const inlineOf = (tokens: readonly Token[]): Token[] => tokens.flatMap(({ children }) => children ?? []);

/** Returns the sequence of block types: headings, tables, lists, paragraphs. */
const structureOf = (tokens: readonly Token[]): string[] =>
  tokens.filter(({ type }) => type !== 'inline').map(({ type, tag }) => `${type} ${tag}`);

const codeBlocksOf = (tokens: readonly Token[]): string[] =>
  tokens.filter(({ type }) => type === 'fence').map(({ info, content }) => `${info}\n${content}`);

const inlineCodeOf = (tokens: readonly Token[]): string[] =>
  inlineOf(tokens)
    .flatMap(({ type, content }) => (type === 'code_inline' ? [content] : []))
    .sort();

/** Numbers in the texts, which both languages write with the same digits, except for months: August is 8 月. */
const numbersOf = (tokens: readonly Token[]): string[] =>
  inlineOf(tokens)
    .flatMap(({ type, content }) => (type === 'text' ? (content.match(/\d[\d.,]*\d|\d+(?! 月)/g) ?? []) : []))
    .sort();

const isExternal = (link: string): boolean => /^[a-z][a-z+.-]*:/.test(link);

/** Returns the anchor of the English heading for a Chinese one. */
function englishAnchorOf(page: string, anchor: string): string {
  const at = [...parsePage(page).anchors].indexOf(anchor);
  return [...parsePage(englishOf(page)).anchors][at] ?? `${anchor} is no heading of ${page}`;
}

/** A link as the English version of its page has it. */
function englishLinkOf(from: string, link: string): string {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : normalize(join(dirname(from), file));
  if (isExternal(link) || !isChinese(target) || !existsSync(target)) return link;
  return englishOf(file) + (anchor === undefined ? '' : `#${englishAnchorOf(target, anchor)}`);
}

const linksToOthersOf = (path: string): string[] =>
  parsePage(path).links.filter(
    (link) =>
      isExternal(link) ||
      englishOf(normalize(join(dirname(path), link.split('#')[0] ?? ''))) !== englishOf(path) ||
      link.startsWith('#'),
  );

test('the pages for newcomers and for operators on call have Chinese versions', () => {
  expect(translatedPages()).toEqual(
    expect.arrayContaining([
      'README.md',
      'docs/alerts.md',
      'docs/getting-started.md',
      'docs/migrating-from-yaml.md',
      'docs/troubleshooting.md',
    ]),
  );
});

describe.each(translatedPages())('the Chinese version of %s', (path) => {
  const chinesePath = chineseOf(path);
  const english = tokensOf(path);
  const chinese = tokensOf(chinesePath);

  test('has the headings, tables, lists and paragraphs of the English one, in the same order', () => {
    expect(structureOf(english).length).toBeGreaterThan(50);
    expect(structureOf(chinese)).toEqual(structureOf(english));
  });

  test('has the same code', () => {
    expect(codeBlocksOf(chinese)).toEqual(codeBlocksOf(english));
    expect(inlineCodeOf(chinese)).toEqual(inlineCodeOf(english));
  });

  test('has the same figures', () => {
    expect(numbersOf(chinese)).toEqual(numbersOf(english));
  });

  test('links to the same pages and headings', () => {
    const links = linksToOthersOf(chinesePath).map((link) => englishLinkOf(chinesePath, link));
    expect(links.sort()).toEqual(linksToOthersOf(path).sort());
  });

  test('links to the Chinese versions of pages that have one', () => {
    const inEnglish = linksToOthersOf(chinesePath).filter((link) => {
      const target = normalize(join(dirname(chinesePath), link.split('#')[0] ?? ''));
      return !isExternal(link) && target.endsWith('.md') && !isChinese(target) && hasChinese(target);
    });
    expect(inEnglish).toEqual([]);
  });

  test('is linked from the English one, and links to it', () => {
    const [name = '', chineseName = ''] = [path, chinesePath].map((one) => one.replace(/.*\//, ''));
    expect(parsePage(path).links).toContain(chineseName);
    expect(parsePage(chinesePath).links).toContain(name);
  });
});
