import { readdirSync } from 'node:fs';
import { pageOf } from '../support/markdown';

/** Pages of docs/ that a page links to, by file name. */
const linked = (path: string, prefix: string): string[] =>
  (pageOf(path).links ?? [])
    .map((link) => link.split('#')[0] ?? '')
    .filter((link) => link.startsWith(prefix) && link.endsWith('.md'))
    .map((link) => link.slice(prefix.length));

const all = readdirSync('docs').filter((name) => name.endsWith('.md') && name !== 'README.md');

test.each([
  ['docs/README.md', ''],
  ['README.md', 'docs/'],
  ['README.zh-CN.md', 'docs/'],
])('%s lists every page of docs/', (path, prefix) => {
  const listed = new Set(linked(path, prefix));
  expect(all.filter((name) => !listed.has(name))).toEqual([]);
});
