import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '../../lib';
import { referencePages } from '../../scripts/reference/main';
import { exampleOf, TOPICS } from '../../scripts/reference/settings-topics';
import { codeBlocks } from '../support/code-blocks';

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
  expect(rows).toContain(
    '| `interval` | <code><a href="api/core.md#duration">Duration</a></code> | `\'10s\'` | Scrape interval of the exporters on a node. |',
  );
  expect(row('cluster')).toContain('| **required** |');
  expect(rows.join('\n')).toContain("| `'20Gi'`, or more, computed from `edge.fleet` |");
});

test('every topic of the settings has an example, and every example is shown', () => {
  const shown = codeBlocks('docs/settings.md').map(({ code }) => code);
  const examples = readdirSync('examples/settings').map((name) =>
    readFileSync(join('examples/settings', name), 'utf8'),
  );
  expect([...shown].sort()).toEqual(examples.sort());
  expect(TOPICS.filter(({ title }) => !exampleOf(title))).toEqual([]);
});

const exported = (pages['docs/api/README.md'] ?? '').split('\n').filter((line) => line.startsWith('| [`'));

test('every export stands on a page, with what it is', () => {
  expect(exported.length).toBeGreaterThan(150);
  for (const line of exported) expect(line).toMatch(/^\| \[`\w+`\]\(\w+\.md#\w+\) \| \w+ \| .+ \|$/);
});

test('what can be called is what a program can import, and nothing that is exported as a type alone', () => {
  const callable = exported.flatMap(
    (line) => /`(\w+)`.* \| (?:class|function|constant) \|/.exec(line)?.[1] ?? [],
  );
  expect(callable.sort()).toEqual(Object.keys(library).sort());
});

const members = Object.entries(pages)
  .filter(([path]) => path.startsWith('docs/api/') && path !== 'docs/api/README.md')
  .flatMap(([path, text]) =>
    text.split('\n').flatMap((line) => (line.startsWith('| `') ? [`${path}: ${line}`] : [])),
  );

test('every member of the API says its type, what it is, and what happens without it', () => {
  expect(members.length).toBeGreaterThan(400);
  expect(members.filter((line) => line.includes('|  |'))).toEqual([]);
});

test('what is said of the parts of a type stands beside it, and not within', () => {
  for (const text of Object.values(pages)) expect(text).not.toContain('/&#42;');
  expect(pages['docs/api/access.md']).toContain('- `clusterIssuer`: Name of a cert-manager ClusterIssuer.\n');
  expect(members).toContainEqual(
    expect.stringMatching(
      /charts\.md: \| `prometheus` .+ `memory`: Memory in bytes in normal operation, while a few nodes deliver a backlog\./,
    ),
  );
});

test('a constructor that only its class may call is not shown, but what stands in its place', () => {
  const core = pages['docs/api/core.md'] ?? '';
  expect(core).toContain('<code>new <a href="#podnamespace">PodNamespace</a>(');
  expect(core).not.toContain('<code>new <a href="#platform">Platform</a>(');
  expect(core).toMatch(/<a href="#platform">Platform<\/a>\.define\(.+<\/code>: Defines the platform/);
});

test('a member of a class that says nothing says what the interface does that it implements', () => {
  expect(members).toContainEqual(
    expect.stringMatching(
      /^docs\/api\/edge\.md: \| `scrape` \| .+ \| Adds a target that the agent scrapes\. Throws InvalidOptionError/,
    ),
  );
});

test('a member without a written type has the one that the compiler sees', () => {
  expect(members).toContainEqual(
    expect.stringMatching(
      /^docs\/api\/cloud\.md: \| `encoding` \| <code>'snappy'<\/code> \| Compression of remote-write requests/,
    ),
  );
});
