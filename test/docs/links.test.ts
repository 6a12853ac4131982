import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { markdownPages, parsePage } from '../support/markdown';

const paths = markdownPages();
const known = new Map(paths.map((path) => [path, parsePage(path)]));
const linksOf = (path: string) => known.get(path)?.links ?? [];
const isExternal = (link: string) => /^[a-z][a-z+.-]*:/.test(link);

test('pages are found, and links on them', () => {
  expect(paths).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md', 'test/e2e/README.md']));
  expect(linksOf('README.md').length).toBeGreaterThan(10);
});

test.each(paths)('the links of %s lead to files and headings that are there', (path) => {
  const broken = linksOf(path)
    .filter((link) => !isExternal(link))
    .filter((link) => !leads(path, link));
  expect(broken).toEqual([]);
});

test.each(paths)('the links of %s to the outside are well formed, and encrypted', (path) => {
  const wrong = linksOf(path)
    .filter(isExternal)
    .filter((link) => !URL.canParse(link) || new URL(link).protocol !== 'https:');
  expect(wrong).toEqual([]);
});

test.each([
  ['nowhere.md', false],
  ['architecture.md', true],
  ['architecture.md#the-folders', true],
  ['architecture.md#no-such-heading', false],
  ['#thresholds', true],
  ['#no-such-heading', false],
  ['../README.md', true],
  ['../lib/index.ts', true],
  ['../lib', true],
  ['../../elsewhere.md', false],
])('a link of docs/alerts.md to %s leads somewhere: %s', (link, expected) => {
  expect(leads('docs/alerts.md', link)).toBe(expected);
});

/** Whether a link of a page leads to a file of this project, and there to a heading. */
function leads(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : join(dirname(from), file);
  if (target.startsWith('..') || !existsSync(target)) return false;
  return anchor === undefined || (known.get(target)?.anchors.has(anchor) ?? false);
}
