import { createHash } from 'node:crypto';
import { ApiObject, App, Chart } from 'cdk8s';
import { ConfigFiles, checksumAnnotation, type Files, renderIni } from '../../lib/core/config-files';
import { Identity } from '../../lib/core/labels';
import { yaml } from '../../lib/core/yaml';

test('a configuration becomes YAML without anchors and without folded lines', () => {
  const shared = { long: 'x '.repeat(100).trim() };
  expect(yaml({ a: shared, b: shared })).toBe(`a:\n  long: ${shared.long}\nb:\n  long: ${shared.long}\n`);
});

test('a configuration becomes INI, section by section', () => {
  expect(renderIni({ a: { b: 1, c: true }, d: { e: 'f' } })).toBe('[a]\nb = 1\nc = true\n\n[d]\ne = f\n');
});

describe('the checksum of files', () => {
  const identity = new Identity('test');
  /** Returns the checksum of ConfigMaps, each with a name and files. */
  const checksum = (...configs: readonly (readonly [name: string, files: Files])[]): unknown => {
    const chart = new Chart(new App(), 'test');
    const made = configs.map(
      ([name, files], index) =>
        new ConfigFiles(chart, `${index}`, { name, namespace: 'monitoring', identity, files: () => files }),
    );
    new ApiObject(chart, 'object', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { annotations: checksumAnnotation(made) },
    });
    return chart.toJson().at(-1).metadata.annotations['checksum/config'];
  };
  const sha256 = (value: unknown) =>
    createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

  test('is the hash of the sorted files, also the second time', () => {
    const expected = sha256([
      [
        'a',
        [
          ['b', '2'],
          ['c', '1'],
        ],
      ],
    ]);
    expect([checksum(['a', { c: '1', b: '2' }]), checksum(['a', { b: '2', c: '1' }])]).toEqual([
      expected,
      expected,
    ]);
  });

  test('differs if a text moves to another file, name or ConfigMap', () => {
    const checksums = [
      checksum(['a', { b: 'c', d: 'e' }]),
      checksum(['a', { b: 'c' }], ['d', { e: '' }]),
      checksum(['a', { b: 'c' }], ['d', {}], ['e', {}]),
      checksum(['a', {}], ['b', { c: 'd' }]),
      checksum(['a', { b: 'd', c: 'e' }]),
      checksum(['b', { a: 'c', d: 'e' }]),
    ];
    expect(new Set(checksums).size).toBe(checksums.length);
  });

  test('stays the same after thousands of other files', () => {
    const before = checksum(['a', { b: 'c' }]);
    checksum(['a', Object.fromEntries(Array.from({ length: 2_100 }, (_, index) => [`${index}`, 'd']))]);
    expect(checksum(['a', { b: 'c' }])).toBe(before);
  });
});
