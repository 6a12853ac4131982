import type { Login } from './htpasswd';

/** Content of the keys `username` and `password` of a Secret. */
export interface LoginBytes {
  readonly username: Uint8Array;
  readonly password: Uint8Array;
}

/**
 * Parses credentials by the rules of docs/secrets.md, which all programs here share: trailing white space is
 * not part of a value. lib/programs/credentials.mjs, lib/edge/exporter/push-sidecar.sh and
 * lib/host/credentials.awk implement the same.
 * @returns the credentials, or the error, which does not contain them
 */
export function parseLogin({ username, password }: LoginBytes): Login | { readonly fault: string } {
  const [user, secret] = [decodeText(username), decodeText(password)];
  const faults = [
    ['username', user.includes(':') ? 'holds a colon' : findValueFault(user)],
    ['password', findValueFault(secret)],
  ].flatMap(([key, fault]) => (fault ? `${key} ${fault}` : []));
  return faults.length ? { fault: faults.join(', ') } : { user, password: secret };
}

/**
 * Whether a value has trailing characters that some agents drop and others send: Fluent Bit only drops a
 * single line feed.
 */
export function hasExtraTrailingWhitespace(value: Uint8Array): boolean {
  return /[ \t\r\v\f]\n?$|\n\n$/.test(Buffer.from(value).toString('latin1'));
}

const decodeText = (value: Uint8Array): string =>
  Buffer.from(value)
    .toString('utf8')
    .replace(/[ \t\r\n\v\f]+$/, '');

/** Returns the error in a value; undefined if every program reads it unchanged. */
export function findValueFault(value: string): string | undefined {
  if (value === '') return 'is empty';
  if (value.startsWith('\uFEFF')) return 'starts with a byte-order mark';
  if (value.includes('\uFFFD')) return 'is not UTF-8';
  if (value !== value.trim()) return 'starts or ends with white space';
  return /\p{Cc}/u.test(value) ? 'contains a control character or a second line' : undefined;
}
