import { spawnSync } from 'node:child_process';
import editor from '../../lib/host/daemon-json.awk';

/** Settings of the driver in the format of docker-driver.sh: one per line. */
const WANTED = [
  'driver loki',
  'keep labels',
  'set loki-url https://u:p@logs/push',
  'set mode non-blocking',
  'default max-size 100m',
].join('\n');

const WANTED_OPTS = {
  'loki-url': 'https://u:p@logs/push',
  mode: 'non-blocking',
  'max-size': '100m',
};

/** Runs the editor as docker-file.sh does. */
function editDaemonJson(mode: string, ...records: readonly string[]): { code: number | null; out: string } {
  const args = ['-v', `mode=${mode}`, '-v', `records=${records.length}`, editor];
  const { status, stdout, error } = spawnSync('awk', args, {
    input: records.map((record) => `${record}\x1e`).join(''),
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error) throw error;
  return { code: status, out: stdout };
}

const mergeSettings = (text: string, settings = WANTED): string => {
  const { code, out } = editDaemonJson('merge', settings, text);
  expect({ code, out }).toEqual({ code: 0, out });
  return out;
};

describe('a merge', () => {
  test.each([
    ['nothing', ''],
    ['white space', ' \n\t'],
    ['an empty object', '{}'],
    ['a byte-order mark', '\ufeff{}'],
  ])('of %s writes the driver and its options', (_, text) => {
    const out = mergeSettings(text);
    expect(JSON.parse(out.replace('\ufeff', ''))).toEqual({ 'log-driver': 'loki', 'log-opts': WANTED_OPTS });
    expect(out.startsWith('\ufeff')).toBe(text.startsWith('\ufeff'));
  });

  test('leaves every byte of all else as it is, and goes by its indentation', () => {
    const before =
      '{\r\n\t"registry-mirrors" : [ "https://m" ],\r\n\t"x": 1.50e+3 ,"log-driver":"json-file"\r\n}\r\n';
    const opts =
      '"log-opts": {\r\n\t\t"loki-url": "https://u:p@logs/push",\r\n\t\t"mode": "non-blocking",\r\n\t\t"max-size": "100m"\r\n\t}';
    expect(mergeSettings(before)).toBe(
      `{\r\n\t"registry-mirrors" : [ "https://m" ],\r\n\t"x": 1.50e+3 ,"log-driver":"loki",\r\n\t${opts}\r\n}\r\n`,
    );
  });

  test('changes nothing where all is as wanted', () => {
    const once = mergeSettings('{"a": [true, null, -0.5e-3]}');
    expect(mergeSettings(once)).toBe(once);
  });

  test('knows a key and a driver by what they mean, however they are spelt', () => {
    const out = mergeSettings('{"log\\u002ddriver": "\\u006c\\u006Fki", "log-opts": {}}');
    expect(out).toContain('"log\\u002ddriver": "\\u006c\\u006Fki"');
    expect(JSON.parse(out)).toEqual({ 'log-driver': 'loki', 'log-opts': WANTED_OPTS });
  });

  test('keeps options that it is told to keep, as text, drops others, and takes a default only where there is none', () => {
    const opts = { labels: 'site', 'max-size': 7, 'max-file': '3', tag: 'x' };
    const out = mergeSettings(JSON.stringify({ 'log-opts': opts }), `${WANTED}\ndefault max-file 5`);
    expect(JSON.parse(out)['log-opts']).toEqual({
      ...WANTED_OPTS,
      labels: 'site',
      'max-size': '7',
      'max-file': '3',
    });
  });

  test('takes the password that stands there for the host, whatever the query', () => {
    const known = (address: string) => `driver loki\nknown-url ${address}`;
    const text = '{"log-opts": {"loki-url": "https:\\/\\/edge:s3%2F@logs\\/push?client=old"}}';
    expect(JSON.parse(mergeSettings(text, known('logs/push?client=docker-driver')))['log-opts']).toEqual({
      'loki-url': 'https://edge:s3%2F@logs/push?client=docker-driver',
    });
    for (const [other, address] of [
      [text, 'elsewhere/push'],
      ['{}', 'logs/push'],
      ['{"log-opts": {"loki-url": "https://logs/push"}}', 'logs/push'],
    ] as const) {
      const { code, out } = editDaemonJson('merge', known(address), other);
      expect([code, out]).toEqual([3, expect.stringContaining(`no credentials for ${address}`)]);
      expect(out).not.toContain('s3');
    }
  });

  test.each([
    [
      'a known one, with its password',
      '{"log-opts": {"loki-proxy-url": "http://u:p@proxy:3128"}}',
      'http://u:p@proxy:3128',
    ],
    ['another one', '{"log-opts": {"loki-proxy-url": "http://u:p@old:3128"}}', 'http://proxy:3128'],
    ['none', '{}', 'http://proxy:3128'],
  ])('goes through the proxy where there was %s', (_, text, expected) => {
    const out = mergeSettings(text, 'driver loki\nknown-proxy proxy:3128');
    expect(JSON.parse(out)['log-opts']['loki-proxy-url']).toBe(expected);
  });

  test.each(['null', '[1]', '{"a": "b"}'])('refuses %s as an option, which Docker does not take', (value) => {
    const { code, out } = editDaemonJson('merge', WANTED, `{"log-opts": {"labels": ${value}}}`);
    expect([code, out]).toEqual([1, 'labels in log-opts must be a string or a number']);
  });
});

describe('a restore', () => {
  const before = '{\n    "data-root": "/d",\n    "log-driver": "journald"\n}\n';

  test('brings back every byte where nothing else was changed', () => {
    expect(editDaemonJson('restore', before, mergeSettings(before))).toEqual({ code: 0, out: before });
  });

  test('takes back only what is of logs where something else was changed since', () => {
    const changed = mergeSettings(before).replace('"/d"', '"/elsewhere"');
    const { out } = editDaemonJson('restore', before, changed);
    expect(JSON.parse(out)).toEqual({ 'data-root': '/elsewhere', 'log-driver': 'journald' });
  });

  test.each([
    ['the only member', '{}', '{ "log-driver": "loki" }', {}],
    ['the first of several', '{"a": 1}', '{"log-driver": "loki", "a": 2}', { a: 2 }],
    ['the last of several', '{"a": 1}', '{"a": 2, "log-opts": {"x": "y"}}', { a: 2 }],
  ])('takes out %s where there was none before', (_, older, text, expected) => {
    expect(JSON.parse(editDaemonJson('restore', older, text).out)).toEqual(expected);
  });
});

describe('what is no daemon.json', () => {
  test.each([
    ['{', 'line 1: a key in double quotes'],
    ['{\n"a": 1,\n}', 'line 3: a key in double quotes'],
    ['{\n\n"a" 1}', 'line 3: : is missing'],
    ['{"a": 01}', 'line 1: } is missing'],
    ['{"a": tru}', 'line 1: a value is missing'],
    ['{"a": "\t"}', 'line 1: the end of a text, or a text without control characters,'],
    ['{"a": [1 2]}', 'line 1: ] is missing'],
    ['{} // note', 'line 1: unexpected text after the last }'],
    ['[]', 'line 1: { is missing'],
  ])('is refused by line, and never shown: %j', (text, problem) => {
    const { code, out } = editDaemonJson('merge', WANTED, text);
    expect([code, out]).toEqual([1, expect.stringContaining(`invalid JSON, ${problem}`)]);
  });

  test.each([
    ['{"log-driver": "a", "log-driver": "b"}', 'log-driver'],
    ['{"log-opts": {"mode": "s3cret", "mode": "b"}}', 'mode'],
  ])('has a key twice that counts: %s', (text, key) => {
    expect(editDaemonJson('check', text)).toEqual({
      code: 1,
      out: `${key} occurs twice: remove one of them`,
    });
  });

  test('holds a record separator', () => {
    expect(editDaemonJson('check', '{"a": "\x1e"}')).toEqual({
      code: 1,
      out: 'the file contains the control character \\036',
    });
  });
});

test.each([
  ['{"log-driver": "loki"}', '"loki"'],
  ['{"log-driver": "\\u006coki"}', '"loki"'],
  ['{"x": {"log-driver": "inner"}}', ''],
])('the driver that %s names is %s', (text, driver) => {
  expect(editDaemonJson('driver', text)).toEqual({ code: 0, out: driver });
});

test('a text of any kind that Docker takes is checked, and printed as it is', () => {
  const text = ' {"ü": "\\u00fc \\" \\\\ \\/", "n": [0, -1, 2.5E+7, {}, []], "t": {"a": {"b": false}}}\n';
  expect(editDaemonJson('check', text)).toEqual({ code: 0, out: text });
});
