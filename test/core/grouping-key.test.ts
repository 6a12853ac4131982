import { GROUP_PATH } from '../../lib/core/grouping-key';

/**
 * JavaScript does not support `(?1)`, so the content of the first group is inserted. Strings have one character per
 * byte.
 */
function pattern(): RegExp {
  const [, value = ''] = /job\((.*)\)\(\?:\/\(\?!__/.exec(GROUP_PATH) ?? [];
  return new RegExp(`^${GROUP_PATH.replace('(?1)', `(?:${value})`)}$`);
}

const isTaken = (path: string | Buffer) => pattern().test(Buffer.from(path).toString('latin1'));
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64url');

const VALUES = ['a', 'node-7.example.com:9100', 'a b', 'é', '边缘', '🚚', '=', 'x'.repeat(256)];
const NO_VALUES = ['', 'a/b', '\n', '\x7f', 'x'.repeat(257), '边'.repeat(86)];
const NO_UTF8 = ['ff fe', 'c0 af', 'e0 80 80', 'ed a0 80', 'f4 90 80 80', 'c3', '61 80', 'f8 88 80 80 80'];

test.each(VALUES)('a value may be %j', (value) => {
  expect(isTaken(`/metrics/job/${value}/instance/${value}/hostname/${value}/group/${value}`)).toBe(true);
});

test.each(['branch', 'nodes', 'node_pool', 'jobs', '_x'])('a key may have the label %s', (label) => {
  expect(isTaken(`/metrics/job/a/${label}/b/${label}2@base64/Yg`)).toBe(true);
});

test.each(NO_VALUES)('a value may not be %j', (value) => {
  expect(isTaken(`/metrics/job/a/instance/${value}`)).toBe(false);
});

test.each(NO_UTF8)('bytes that are no UTF-8 are no value, in whatever label: %s', (hex) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const path = (head: string, tail = '') => Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)]);
  expect(isTaken(path('/metrics/job/'))).toBe(false);
  expect(isTaken(path('/metrics/job/a/hostname/', '/instance/b'))).toBe(false);
  expect(isTaken(`/metrics/job@base64/${base64(bytes)}`)).toBe(false);
});

test('base64 is that of ASCII, whatever its length, and each byte over it is refused wherever it stands', () => {
  for (let length = 0; length < 12; length++) {
    for (const byte of [0x00, 0x20, 0x2f, 0x55, 0x7f]) {
      const text = Buffer.alloc(length, byte);
      expect([byte, length, isTaken(`/metrics/job/a/instance@base64/${base64(text)}`)]).toEqual([
        byte,
        length,
        true,
      ]);
    }
    for (let place = 0; place < length; place++) {
      for (const byte of [0x80, 0xaa, 0xff]) {
        const bytes = Buffer.alloc(length, 'a').fill(byte, place, place + 1);
        expect([byte, place, isTaken(`/metrics/job@base64/${base64(bytes)}`)]).toEqual([byte, place, false]);
      }
    }
  }
  expect(isTaken('/metrics/job/a/hostname@base64/=')).toBe(true);
  expect(isTaken('/metrics/job/a/hostname@base64/L3Zhcg==')).toBe(true);
  expect(isTaken('/metrics/job/a/hostname@base64/+/')).toBe(false);
});

test.each([
  '/metrics',
  '/metrics/job',
  '/metrics/instance/a/job/b',
  '/metrics/job/a/instance',
  '/metrics/job/a/node/b',
  '/metrics/job/a/node@base64/Yg',
  '/metrics/job/a/cluster/b',
  '/metrics/job/a/job/b',
  '/metrics/job/a/instance/b/job@base64/Yg',
  '/metrics/job/a/__name__/b',
  '/metrics/job/a/0x/b',
  '/metrics/job/a/instance@base32/b',
])('%s is no path of a push', (path) => expect(isTaken(path)).toBe(false));
