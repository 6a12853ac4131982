import { fieldChanges } from '../../../lib/tools/diff/field-changes';
import { formatPath } from '../../../lib/tools/diff/paths';

/** Returns changes as lines: path, old value, and new value. */
const changeLines = (before: unknown, after: unknown) =>
  fieldChanges(before, after).map((change) => [
    formatPath(change.path),
    ...(change.detail ?? [change.before, change.after]),
  ]);

const fileChanges = (name: string, before: string, after: string) =>
  changeLines({ data: { [name]: before } }, { data: { [name]: after } });

describe('fields', () => {
  test('that are alike are not said', () => {
    expect(changeLines({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] })).toEqual([]);
  });

  test('are said with what was there and what is there now', () => {
    expect(changeLines({ a: { b: 1, c: true, gone: 'x' } }, { a: { b: 2, c: true, new: null } })).toEqual([
      ['a.b', 1, 2],
      ['a.gone', 'x', undefined],
      ['a.new', undefined, null],
    ]);
  });

  test('whose type changes are one change', () => {
    expect(changeLines({ a: { b: 1 } }, { a: [1] })).toEqual([['a', { b: 1 }, [1]]]);
    expect(changeLines({ a: '1' }, { a: 1 })).toEqual([['a', '1', 1]]);
    expect(changeLines({ a: null }, { a: {} })).toEqual([['a', null, {}]]);
  });

  test('with dots and slashes in their names can be told from a path', () => {
    expect(changeLines({ a: { 'b.c/d': 1 } }, { a: { 'b.c/d': 2 } })).toEqual([['a["b.c/d"]', 1, 2]]);
  });

  test('of the prototype are fields as others are', () => {
    expect(changeLines({ constructor: 1 }, JSON.parse('{"constructor":2,"__proto__":3}'))).toEqual([
      ['__proto__', undefined, 3],
      ['constructor', 1, 2],
    ]);
  });
});

describe('lists', () => {
  test('of named things are compared by name', () => {
    const before = [
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ];
    const after = [
      { name: 'new', image: '1' },
      { name: 'a', image: '1' },
      { name: 'b', image: '2' },
    ];
    expect(changeLines({ containers: before }, { containers: after })).toEqual([
      ['containers[b].image', '1', '2'],
      ['containers[new]', undefined, { name: 'new', image: '1' }],
    ]);
  });

  test('of mounts are compared by where they are mounted, since a volume may be mounted twice', () => {
    const mount = (mountPath: string, readOnly: boolean) => ({ name: 'data', mountPath, readOnly });
    expect(
      changeLines([mount('/a', true), mount('/b', true)], [mount('/a', true), mount('/b', false)]),
    ).toEqual([['[/b].readOnly', true, false]]);
  });

  test('of arguments are compared by flag', () => {
    expect(changeLines({ args: ['--a=1', '--b=2'] }, { args: ['--new=0', '--a=1', '--b=3'] })).toEqual([
      ['args[--b]', '--b=2', '--b=3'],
      ['args[--new]', undefined, '--new=0'],
    ]);
  });

  test('of anything else are a sequence, of which only what moved is said', () => {
    expect(changeLines({ a: ['x', 'y', 'z'] }, { a: ['x', 'new', 'y'] })).toEqual([
      ['a[]', undefined, 'new'],
      ['a[]', 'z', undefined],
    ]);
    expect(changeLines([{ from: 1 }], [{ from: 2 }])).toEqual([
      ['[]', { from: 1 }, undefined],
      ['[]', undefined, { from: 2 }],
    ]);
  });

  describe('of things that have no names', () => {
    const panel = (title: string, unit: string) => ({ type: 'stat', title, unit, at: { x: 0, y: 1 } });
    const port = (number: number, app: string) => ({ to: [{ app, of: 'x' }], via: { number, by: 'TCP' } });

    test('are the same, changed, where little of one is different: only that is said', () => {
      expect(
        changeLines([port(1, 'a'), port(2, 'b'), port(3, 'c')], [port(1, 'a'), port(9, 'b'), port(3, 'c')]),
      ).toEqual([['[1].via.number', 2, 9]]);
    });

    test('are called by their titles, if they have any', () => {
      expect(
        changeLines([panel('a', 's'), panel('a', 'ms')], [panel('a', 's'), panel('a', 'bytes')]),
      ).toEqual([['[a].unit', 'ms', 'bytes']]);
    });

    test('are found beside those that went and came at the same place', () => {
      const [old, fresh] = [
        { type: 'text', of: 'before', lines: 1 },
        { type: 'row', is: 'new' },
      ];
      expect(
        changeLines([old, panel('a', 's'), panel('b', 's')], [fresh, panel('a', 'ms'), panel('b', 'm')]),
      ).toEqual([
        ['[]', old, undefined],
        ['[]', undefined, fresh],
        ['[a].unit', 's', 'ms'],
        ['[b].unit', 's', 'm'],
      ]);
    });

    test('are others, where most is different', () => {
      const [one, other] = [
        { a: 1, b: 2, c: 3 },
        { a: 1, b: 3, c: 4 },
      ];
      expect(changeLines([one], [other])).toEqual([
        ['[]', one, undefined],
        ['[]', undefined, other],
      ]);
    });
  });

  test('in another order are not the same', () => {
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    expect(changeLines({ steps: [a, b] }, { steps: [b, a] })).toEqual([['steps', 'order: a, b -> b, a']]);
    expect(changeLines(['x', 'y'], ['y', 'x'])).not.toEqual([]);
  });

  test('with two members of one name are no lists of named things', () => {
    expect(changeLines([{ name: 'a' }], [{ name: 'a' }, { name: 'a' }])).toEqual([
      ['[]', undefined, { name: 'a' }],
    ]);
  });
});

describe('configuration files', () => {
  test('in YAML are compared by what they say', () => {
    const yaml = (interval: string) =>
      `scrape_configs:\n  - job_name: node\n    scrape_interval: ${interval}\n`;
    expect(fileChanges('prometheus.yaml', yaml('10s'), yaml('30s'))).toEqual([
      ['data["prometheus.yaml"].scrape_configs[node].scrape_interval', '10s', '30s'],
    ]);
  });

  test('in JSON and INI, too', () => {
    expect(fileChanges('a.json', '{"panels":[{"title":"a"}]}', '{"panels":[{"title":"b"}]}')).toEqual([
      ['data["a.json"].panels[]', { title: 'a' }, undefined],
      ['data["a.json"].panels[]', undefined, { title: 'b' }],
    ]);
    expect(
      fileChanges(
        'a.ini',
        'top = 1\n[auth.basic]\nenabled = true\n',
        'top = 1\n[auth.basic]\nenabled = a;b\n',
      ),
    ).toEqual([['data["a.ini"]["auth.basic"].enabled', 'true', 'a;b']]);
  });

  test('of other kinds are compared by line', () => {
    expect(fileChanges('run.sh', 'a\nb\nc\nd\n', 'a\nb\nx\nd\n')).toEqual([
      ['data["run.sh"]', '@@ line 2 @@', ' b', '-c', '+x', ' d'],
    ]);
  });

  test('that cannot be read are compared by line', () => {
    expect(fileChanges('a.json', '{\n"a"', '{\n"b"')).toEqual([
      [
        'data["a.json"]',
        '@@ line 1 @@',
        ' {',
        '-"a"',
        '\\ No newline at end of file',
        '+"b"',
        '\\ No newline at end of file',
      ],
    ]);
  });

  test('that say the same in other words are still not the same', () => {
    expect(fileChanges('a.yaml', 'a: 1\n', 'a: 1 # why\n')).toEqual([
      ['data["a.yaml"]', '@@ line 1 @@', '-a: 1', '+a: 1 # why'],
    ]);
  });
});
