import { App, Chart } from 'cdk8s';
import { Node, type Type } from 'ts-morph';
import { findOptionTables, findWrongDefaults, type Table } from '../../scripts/reference/defaults';
import { publicExports } from '../../scripts/reference/exports';
import { loadSources } from '../../scripts/reference/sources';
import { MAKERS } from '../fuzz/cases';
import { pathsIn } from '../fuzz/mutations';

/** Loading the sources takes longer than all of these tests. */
const sources = loadSources();

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
    'PROMETHEUS_OPTIONS is not exported, so that nothing compares its defaults: export it',
  ]);
});

test.each([
  ['retention', { default: '16d' }, 'is "15d" by its comment, and "16d" by its table'],
  ['retention', { derive: () => '15d' }, 'is "15d" by its comment, and is derived'],
  ['retentionSize', { default: '1Gi' }, 'is "1Gi", and its comment does not say so'],
  [
    'resources',
    { default: { cpu: '300m', memory: '1Gi', memoryLimit: '6Gi' } },
    'is requests: 300m CPU, 1Gi memory; limit: 6Gi memory, and its comment says: - requests: 200m CPU',
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
