import { randomBytes } from 'node:crypto';
import { CredentialsError } from './credentials-error';
import { faultOf } from './login';

/** Of a password that a person chose. */
const SHORTEST = 16;

/** bcrypt reads no further. */
const MOST_BYTES = 72;

/** A new password: 192 random bits, in characters that no shell, URL or file format takes for its own. */
export function makePassword(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * The password that standard input holds: one line, with or without its end.
 *
 * @throws CredentialsError that says what is wrong with it without showing it.
 */
export function passwordFrom(input: string): string {
  const password = input.replace(/\r?\n$/, '');
  const length = [...password].length;
  const bytes = Buffer.byteLength(password);
  const fault = password && faultOf(password);
  if (fault) throw refused(fault);
  if (length < SHORTEST) throw refused(`has ${length} characters`);
  if (bytes > MOST_BYTES) throw refused(`has ${bytes} bytes`);
  return password;
}

function refused(problem: string): CredentialsError {
  return new CredentialsError(
    `the password on standard input ${problem}; allowed: one line of at least ${SHORTEST} characters and ` +
      `at most ${MOST_BYTES} bytes (bcrypt ignores the rest); without --password-stdin one is made`,
  );
}
