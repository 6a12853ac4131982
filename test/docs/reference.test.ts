import { readdirSync, readFileSync } from 'node:fs';
import { referencePages } from '../../scripts/reference/main';

const pages = referencePages();
const rows = (pages['docs/settings.md'] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('<code>'));

test.each(Object.keys(pages))('%s says what the sources say: npm run docs:reference', (path) => {
  expect(readFileSync(path, 'utf8')).toBe(pages[path]);
});

test('no page is left of what is not exported any more', () => {
  const paths = readdirSync('docs/api').map((name) => `docs/api/${name}`);
  expect(paths.sort()).toEqual(
    Object.keys(pages)
      .filter((path) => path.startsWith('docs/api/'))
      .sort(),
  );
});

test('every setting says what it is, and what happens without it', () => {
  expect(rows.length).toBeGreaterThan(100);
  for (const row of rows) expect(row).toMatch(/^\| .+ \| <code>.+<\/code> \| .+ \| .+ \|$/);
});

test('settings are shown with their types, defaults and units', () => {
  const row = (name: string) =>
    rows.find((one) => one.startsWith(`| \`${name}\``) || one.startsWith(`| [\`${name}\``));
  expect(row('interval')).toContain(
    "| <code><a href=\"api/core.md#duration\">Duration</a></code> | `'10s'` | How often each node's metrics are measured. |",
  );
  expect(row('cluster')).toContain('| **required** |');
  expect(rows.join('\n')).toContain("| `'20Gi'`, or what `edge.fleet` needs |");
});

test('every export stands on a page, with what it is', () => {
  const index = pages['docs/api/README.md'] ?? '';
  const exported = index.split('\n').filter((line) => line.startsWith('| [`'));
  expect(exported.length).toBeGreaterThan(150);
  for (const line of exported) expect(line).toMatch(/^\| \[`\w+`\]\(\w+\.md#\w+\) \| \w+ \| .+ \|$/);
});
