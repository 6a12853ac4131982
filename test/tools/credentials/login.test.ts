import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthorizationHeader } from '../../../lib/programs/credentials.mjs';
import { hasExtraTrailingWhitespace, parseUserNameAndPassword } from '../../../lib/tools/credentials/login';
import { UNUSABLE, UNUSABLE_USER, USABLE } from '../../support/credential-files';

const EDGE = Buffer.from('edge\n');
/** Returns the values or the error that lib/programs/credentials.mjs reads from files, as programs in pods use it. */
function readInPod(username: Buffer, password: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'login-'));
  try {
    writeFileSync(join(folder, 'username'), username);
    writeFileSync(join(folder, 'password'), password);
    return createAuthorizationHeader(folder);
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each(USABLE)('a password with %s is the same to all readers', (_, bytes, value) => {
  expect(parseUserNameAndPassword({ username: EDGE, password: bytes })).toEqual({
    user: 'edge',
    password: value,
  });
  expect(readInPod(EDGE, bytes)).toBe(`Basic ${Buffer.from(`edge:${value}`).toString('base64')}`);
});

test.each([...UNUSABLE, ['Latin-1', Buffer.from('s\xe4cret', 'latin1'), /is not UTF-8/] as const])(
  'a password of %s is taken by none, and not shown',
  (_, bytes, fault) => {
    const message = readInPod(EDGE, bytes);
    expect(parseUserNameAndPassword({ username: EDGE, password: bytes })).toEqual({
      fault: expect.stringMatching(fault),
    });
    expect(message).toMatch(fault);
    expect(message).toMatch(/\/password .*: check the Secret$/);
    expect(message).not.toContain('secret');
  },
);

test('a user with a colon is taken by none, and not shown', () => {
  const [bytes, fault] = UNUSABLE_USER;
  expect(parseUserNameAndPassword({ username: bytes, password: EDGE })).toEqual({
    fault: expect.stringMatching(fault),
  });
  expect(readInPod(bytes, EDGE)).toMatch(fault);
  expect(readInPod(bytes, EDGE)).not.toContain('secret');
});

test.each([
  ['secret', false],
  ['secret\n', false],
  ['secret\r\n', true],
  ['secret\n\n', true],
  ['secret ', true],
  ['secret \n', true],
])('whether Fluent Bit sends the end of %j is known', (text, expected) => {
  expect(hasExtraTrailingWhitespace(Buffer.from(text))).toBe(expected);
});
