import { readdirSync, readFileSync } from 'node:fs';

const sources = (readdirSync('lib', { recursive: true }) as string[])
  .filter((path) => path.endsWith('.ts') && !path.startsWith('tools/'))
  .map((path) => ({ path, text: readFileSync(`lib/${path}`, 'utf8') }));

const ours = new Set(
  sources.flatMap(({ text }) =>
    [...text.matchAll(/export (?:interface|type) (\w+)/g)].map(([, name]) => name),
  ),
);

/**
 * Formats of Kubernetes, Alertmanager and Grafana with a name in this library; they define the defaults of missing
 * fields.
 */
const FORMATS_OF_OTHERS = ['ContainerSpec', 'GrafanaIni', 'Route', 'TimeInterval'];

test('options of this library are declared in tables with their defaults; rules without defaults are for formats of others', () => {
  const withoutDefaults = sources
    .filter(({ path }) => !['core/option-table.ts', 'core/structure-rules.ts'].includes(path))
    .flatMap(({ text }) => [...text.matchAll(/\b(?:RuleTable|objectRule)<(\w+)/g)].map(([, name]) => name));
  expect([...new Set(withoutDefaults.filter((name) => ours.has(name)))].sort()).toEqual(FORMATS_OF_OTHERS);
});

test('every table of options says whose options they are', () => {
  const tables = sources.flatMap(({ text }) => [...text.matchAll(/ satisfies OptionTable<(\w+)/g)]);
  expect(tables.length).toBeGreaterThan(90);
});
