import { readdirSync } from 'node:fs';
import { parsePage } from '../support/markdown';
import { englishOf, isChinese } from '../support/translations';

/** Pages of docs/ that a page links to, by the file names of their English versions. */
const linked = (path: string, prefix: string): string[] =>
  (parsePage(path).links ?? [])
    .map((link) => link.split('#')[0] ?? '')
    .filter((link) => link.startsWith(prefix) && link.endsWith('.md'))
    .map((link) => englishOf(link.slice(prefix.length)));

const all = readdirSync('docs').filter(
  (name) => name.endsWith('.md') && !isChinese(name) && name !== 'README.md',
);

test.each([
  ['docs/README.md', ''],
  ['README.md', 'docs/'],
  ['README.zh-CN.md', 'docs/'],
])('%s lists every page of docs/', (path, prefix) => {
  const listed = new Set(linked(path, prefix));
  expect(all.filter((name) => !listed.has(name))).toEqual([]);
});
