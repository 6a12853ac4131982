import { findOptionTables, findWrongDefaults, type Table } from '../../scripts/reference/defaults';
import { loadSources } from '../../scripts/reference/sources';

const tables = findOptionTables(loadSources());
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
