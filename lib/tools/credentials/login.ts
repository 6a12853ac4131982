import type { Login } from './htpasswd';

/** Content of the keys `username` and `password` of a Secret. */
export interface LoginBytes {
  readonly username: Uint8Array;
  readonly password: Uint8Array;
}

/**
 * Parses a user name and password by the rules of docs/secrets.md: trailing white space is not part of a value. Three other
 * files implement these rules: lib/programs/credentials.mjs, lib/edge/exporter/push-sidecar.sh and lib/host/credentials.awk.
 * @returns the user name and password. For invalid values, returns `fault`: an error message without the values
 */
export function parseUserNameAndPassword({
  username,
  password,
}: LoginBytes): Login | { readonly fault: string } {
  const [user, secret] = [decodeUtf8AndTrimEnd(username), decodeUtf8AndTrimEnd(password)];
  const faults = [
    ['username', user.includes(':') ? 'contains a colon' : userOrPasswordProblem(user)],
    ['password', userOrPasswordProblem(secret)],
  ].flatMap(([key, fault]) => (fault ? `${key} ${fault}` : []));
  return faults.length ? { fault: faults.join(', ') } : { user, password: secret };
}

/**
 * Returns whether a value ends in white space other than a single line feed. Fluent Bit sends this white space as part
 * of the user name or password. All other agents remove the white space.
 */
export function hasExtraTrailingWhitespace(value: Uint8Array): boolean {
  return /[ \t\r\v\f]\n?$|\n\n$/.test(Buffer.from(value).toString('latin1'));
}

const decodeUtf8AndTrimEnd = (value: Uint8Array): string =>
  Buffer.from(value)
    .toString('utf8')
    .replace(/[ \t\r\n\v\f]+$/, '');

/**
 * Returns the reason why a user name or password is invalid, as the end of a sentence, such as `is empty`. Returns `undefined`
 * for valid values.
 */
export function userOrPasswordProblem(value: string): string | undefined {
  if (value === '') return 'is empty';
  if (value.startsWith('\uFEFF')) return 'starts with a byte-order mark';
  if (value.includes('\uFFFD')) return 'is not UTF-8';
  if (value !== value.trim()) return 'starts or ends with white space';
  return /\p{Cc}/u.test(value) ? 'contains a control character or a second line' : undefined;
}
