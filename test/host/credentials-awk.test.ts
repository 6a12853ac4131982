import { execFileSync, spawnSync } from 'node:child_process';
import encoder from '../../lib/host/credentials.awk';
import { UNUSABLE, UNUSABLE_USER, USABLE } from '../support/credential-files';

/** Runs the encoder as docker-driver.sh does: on the bytes in hex. */
function encodeCredentials(bytes: Buffer): { code: number | null; out: string } {
  const hex = execFileSync('od', ['-An', '-v', '-tx1'], { input: bytes });
  const { status, stdout, error } = spawnSync('awk', [encoder], { input: hex, encoding: 'utf8' });
  if (error) throw error;
  return { code: status, out: stdout };
}

const user = Buffer.from('edge\n');

test.each(USABLE)('a password with %s is the one that other readers know', (_, bytes, value) => {
  const expected = { code: 0, out: `edge:${encodeURIComponent(value)}\n` };
  expect(encodeCredentials(Buffer.concat([user, bytes]))).toEqual(expected);
});

test.each([
  ['edge:s3cret', 'edge:s3cret'],
  ['edge:s:3\n', 'edge:s%3A3'],
  ['a-Z.0_~ /?#@%\n\u00fc\n', 'a-Z.0_~%20%2F%3F%23%40%25:%C3%BC'],
  ["a!'()*\nb\n", 'a%21%27%28%29%2A:b'],
])('%j becomes %s', (text, out) => {
  expect(encodeCredentials(Buffer.from(text))).toEqual({ code: 0, out: `${out}\n` });
});

test.each(UNUSABLE)('a password of %s is taken by none, and not shown', (_, bytes) => {
  expect(encodeCredentials(Buffer.concat([user, bytes]))).toEqual({ code: 1, out: '' });
});

test('a user with a colon is taken by none, and not shown', () => {
  const [bytes] = UNUSABLE_USER;
  expect(encodeCredentials(Buffer.concat([bytes, user]))).toEqual({ code: 1, out: '' });
});
