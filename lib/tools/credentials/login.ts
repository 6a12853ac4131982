import type { Login } from './htpasswd';

/** What the keys `username` and `password` of a Secret hold. */
export interface LoginBytes {
  readonly username: Uint8Array;
  readonly password: Uint8Array;
}

/**
 * A user and the password, as all that reads credentials takes them, by the rules of docs/secrets.md: white space at
 * the end is no part of a value. lib/programs/credentials.mjs, lib/edge/exporter/push-sidecar.sh and lib/host/credentials.awk go
 * by the same.
 *
 * @returns what is wrong with them instead, which shows neither
 */
export function readLogin({ username, password }: LoginBytes): Login | { readonly fault: string } {
  const [user, secret] = [textOf(username), textOf(password)];
  const faults = [
    ['username', user.includes(':') ? 'holds a colon' : faultOf(user)],
    ['password', faultOf(secret)],
  ].flatMap(([key, fault]) => (fault ? `${key} ${fault}` : []));
  return faults.length ? { fault: faults.join(', ') } : { user, password: secret };
}

/** Whether a value ends in what some agents drop and others send: Fluent Bit drops one line feed and nothing else. */
export function endsInMoreThanLineFeed(value: Uint8Array): boolean {
  return /[ \t\r\v\f]\n?$|\n\n$/.test(Buffer.from(value).toString('latin1'));
}

const textOf = (value: Uint8Array): string =>
  Buffer.from(value)
    .toString('utf8')
    .replace(/[ \t\r\n\v\f]+$/, '');

/** What no reader takes as it is. */
export function faultOf(value: string): string | undefined {
  if (value === '') return 'is empty';
  if (value.startsWith('\uFEFF')) return 'begins with a byte-order mark';
  if (value.includes('\uFFFD')) return 'is not UTF-8';
  if (value !== value.trim()) return 'begins or ends with white space';
  return /\p{Cc}/u.test(value) ? 'holds a control character or a second line' : undefined;
}
