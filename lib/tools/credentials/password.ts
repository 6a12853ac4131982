import { randomBytes } from 'node:crypto';
import { CredentialsError } from './credentials-error';
import { findValueFault } from './login';

/** Minimum length of a password that a person chose. */
const MIN_CHARACTERS = 16;

/** bcrypt ignores further bytes. */
const MAX_BYTES = 72;

/** Creates a password of 192 random bits, with characters that need no escaping in shells, URLs and files. */
export function generatePassword(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Reads a password from standard input: one line, with or without a line feed.
 * @throws CredentialsError with the reason why it is invalid, without showing it.
 */
export function parsePassword(input: string): string {
  const password = input.replace(/\r?\n$/, '');
  const length = [...password].length;
  const bytes = Buffer.byteLength(password);
  const fault = password && findValueFault(password);
  if (fault) throw passwordError(fault);
  if (length < MIN_CHARACTERS) throw passwordError(`has ${length} characters`);
  if (bytes > MAX_BYTES) throw passwordError(`has ${bytes} bytes`);
  return password;
}

function passwordError(problem: string): CredentialsError {
  return new CredentialsError(
    `the password on standard input ${problem}; allowed: one line of at least ${MIN_CHARACTERS} characters and ` +
      `at most ${MAX_BYTES} bytes (bcrypt ignores the rest); without --password-stdin one is generated`,
  );
}
