import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { Node, type Type } from 'ts-morph';
import * as library from '../../lib';
import { nodeGroupsWithInheritedSettings } from '../../lib/charts/node-groups';
import { findOptionTables, findWrongDefaults, type Table } from '../../scripts/reference/defaults';
import { publicExports } from '../../scripts/reference/exports';
import { referencePages } from '../../scripts/reference/main';
import { readExample, TOPICS } from '../../scripts/reference/settings-topics';
import { loadSources } from '../../scripts/reference/sources';
import { MAKERS } from '../fuzz/cases';
import { pathsIn } from '../fuzz/mutations';
import { codeBlocks } from '../support/code-blocks';

/**
 * Loading the sources takes longer than all tests of this file. The pages are generated first, as by `npm run docs:reference`,
 * because the order of some properties depends on earlier requests to the compiler.
 */
const sources = loadSources();
const pages = referencePages(sources);
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
  expect(rows.join('\n')).toContain(
    "| `'20Gi'`, or, if `edge.fleet` is set, the size that is computed for the fleet (at least 20Gi) |",
  );
});

test('every topic of the settings has an example, and every example is shown', () => {
  const shown = codeBlocks('docs/settings.md').map(({ code }) => code);
  const examples = readdirSync('examples/settings').map((name) =>
    readFileSync(join('examples/settings', name), 'utf8'),
  );
  expect([...shown].sort()).toEqual(examples.sort());
  expect(TOPICS.filter(({ title }) => !readExample(title))).toEqual([]);
});

/** Returns the text of the section of the page of the settings with an anchor. */
const settingsSection = (anchor: string): string =>
  (pages['docs/settings.md'] ?? '')
    .split(/^(?=##+ )/m)
    .find((text) => anchorOf(text.split('\n')[0]?.replace(/^#+ /, '') ?? '') === anchor) ?? '';

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(' ', '-')
    .replaceAll(/[^\w-]/g, '');

test('no section that several settings share contains the description of only one of these settings', () => {
  const links = rows.flatMap((row) => {
    const [, anchor = '', text = ''] = /^\| \[`\w+`\]\(#([\w-]+)\) .* \| (.+) \|$/.exec(row) ?? [];
    return anchor ? [{ anchor, text }] : [];
  });
  const anchors = [...new Set(links.map(({ anchor }) => anchor))];
  const shared = anchors.flatMap((anchor) => {
    const texts = [...new Set(links.filter((link) => link.anchor === anchor).map(({ text }) => text))];
    return texts.length > 1 ? [{ section: settingsSection(anchor).split('\n| ')[0] ?? '', texts }] : [];
  });
  expect(shared.length).toBeGreaterThan(3);
  expect(shared.filter(({ section, texts }) => texts.some((text) => section.includes(text)))).toEqual([]);
  expect(shared.filter(({ section }) => !section.includes('Settings with these options: '))).toEqual([]);
});

test('the default of an option that node groups inherit is the option of edge', () => {
  const groupRows = settingsSection('edgegroups')
    .split('\n')
    .filter((line) => line.includes('<code>'));
  const names = groupRows.map((row) => /`(\w+)`/.exec(row)?.[1] ?? '');
  const edge = Object.fromEntries(names.map((name) => [name, { of: name }]));
  const [, group] = nodeGroupsWithInheritedSettings({
    ...{ ...edge, freshness: undefined, fleet: { nodes: 1 } },
    groups: [{ name: 'north' }],
  });
  const inherited = names.filter(
    (name) => name === 'freshness' || Reflect.get(group ?? {}, name)?.of === name,
  );
  const shown = groupRows.flatMap((row) => / `edge\.(\w+)` \| [^|]+ \|$/.exec(row)?.[1] ?? []);
  expect(shown).toEqual(inherited);
  expect(shown).toContain('interval');
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

const tables = findOptionTables(sources);
const values = tables.map(({ file, name }) => require(file)[name]);
const at = tables.findIndex(({ name }) => name === 'PROMETHEUS_OPTIONS');

/** Returns the contradictions after an entry of Prometheus's table was changed. */
function wrongWith(option: string, entry: object): readonly string[] {
  const table = tables[at] as Table;
  return findWrongDefaults([table], [{ ...values[at], [option]: { ...values[at][option], ...entry } }]);
}

test('the default of every option is the one that its comment says', () => {
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['PROMETHEUS_OPTIONS', 'LOKI_LIMITS', 'STORAGE']),
  );
  const empty = tables.filter(({ properties }) => properties.length === 0);
  expect(empty.map(({ name }) => name)).toEqual(['NO_OPTIONS']);
  expect(findWrongDefaults(tables, values)).toEqual([]);
});

test('a table that is not exported is found, since nothing could compare its defaults', () => {
  expect(findWrongDefaults([tables[at] as Table], [undefined])).toEqual([
    'PROMETHEUS_OPTIONS is not exported, so its defaults cannot be compared to the comments: export PROMETHEUS_OPTIONS',
  ]);
});

test.each([
  ['retention', { default: '16d' }, 'has the default "16d", but its comment has the default "15d"'],
  ['retention', { derive: () => '15d' }, 'is derived, but its comment has the default "15d"'],
  ['retentionSize', { default: '1Gi' }, 'has the default "1Gi", but its comment has the default'],
  [
    'resources',
    { default: { cpu: '300m', memory: '1Gi', memoryLimit: '6Gi' } },
    'has the default "requests: 300m CPU, 1Gi memory; limit: 6Gi memory", but its comment has the default "- requests: 200m CPU',
  ],
])('a table that says otherwise of %s is found: %j', (option, entry, problem) => {
  expect(wrongWith(option, entry)).toEqual([
    expect.stringContaining(`PROMETHEUS_OPTIONS.${option} ${problem}`),
  ]);
});

describe('the table of valid options has every option', () => {
  const exported = new Map(publicExports(sources).map(({ name, node }) => [name, node]));

  const makers = Object.entries(MAKERS);

  test.each(makers.map(([name]) => name.split(' ')[0] ?? '').filter((name) => exported.has(name)))(
    'of %s',
    (name) => {
      const own = makers.filter(([of]) => of === name || of.startsWith(`${name} `)).map(([, maker]) => maker);
      const known = own.flatMap(({ options }) =>
        pathsIn(options).map((path) => path.filter((part) => typeof part === 'string').join('.')),
      );
      // Results of other functions, and checks of custom constructs.
      const others = own.flatMap(({ given }) => Object.keys(given?.(new Chart(new App(), 'chart')) ?? {}));
      if (name === 'EdgeGroup') others.push('agent', 'logCollector');
      const isKnown = (path: string) => known.includes(path) || others.includes(path.split('.')[0] ?? '');
      const node = exported.get(name);
      const type = node && optionsOf(node);
      expect(type ? optionPaths(type).filter((path) => !isKnown(path)) : []).toEqual([]);
    },
  );
});

/** The type of the options of a construct or a function. */
function optionsOf(node: Node): Type | undefined {
  if (Node.isClassDeclaration(node)) return node.getConstructors()[0]?.getParameters()[2]?.getType();
  const made = Node.isVariableDeclaration(node) ? node.getInitializer() : node;
  const parameters = Node.isParametered(made) ? made.getParameters() : [];
  return parameters.map((one) => one.getType()).find((type) => type.getNonNullableType().isObject());
}

/** Options and those below them, as far as they are data of this library. */
function optionPaths(type: Type, path = '', depth = 0): string[] {
  const plain = type.getNonNullableType();
  const parts = plain.isUnion() ? plain.getUnionTypes() : [plain];
  return parts.flatMap((part) => {
    const element = part.getArrayElementType();
    if (element) return optionPaths(element, path, depth);
    const properties = part.isObject() && depth < 4 ? part.getProperties() : [];
    const declared = properties.flatMap((one) => one.getDeclarations().slice(0, 1));
    const isData =
      declared.length > 0 &&
      declared.every((one) => Node.isPropertySignature(one) && !one.getType().getCallSignatures().length);
    if (!isData) return [];
    return declared.flatMap((one) => {
      if (!Node.isPropertySignature(one)) return [];
      // Routes have routes.
      if (path.split('.').includes(one.getName())) return [];
      const below = path ? `${path}.${one.getName()}` : one.getName();
      return [below, ...optionPaths(one.getType(), below, depth + 1)];
    });
  });
}
