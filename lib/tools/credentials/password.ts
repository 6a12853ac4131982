import { randomBytes } from 'node:crypto';
import { CredentialsError } from './credentials-error';
import { userOrPasswordProblem } from './login';

/** Minimum number of characters of a password on standard input. */
const MIN_CHARACTERS = 16;

/** Maximum number of bytes of a password. bcrypt ignores all bytes after the 72nd. */
const MAX_BYTES = 72;

/** Generates a password from 192 random bits. The password needs no escaping in shells, URLs and files. */
export function generatePassword(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Parses a password from standard input: one line, with or without a line feed at the end.
 * @throws CredentialsError when the password is invalid. The message does not contain the password.
 */
export function parsePassword(input: string): string {
  const password = input.replace(/\r?\n$/, '');
  const length = [...password].length;
  const bytes = Buffer.byteLength(password);
  const fault = password && userOrPasswordProblem(password);
  if (fault) throw createInvalidPasswordError(fault);
  if (length < MIN_CHARACTERS) throw createInvalidPasswordError(`has ${length} characters`);
  if (bytes > MAX_BYTES) throw createInvalidPasswordError(`has ${bytes} bytes`);
  return password;
}

function createInvalidPasswordError(problem: string): CredentialsError {
  return new CredentialsError(
    `the password on standard input ${problem}; allowed: one line of at least ${MIN_CHARACTERS} characters and at most ${MAX_BYTES} bytes, because bcrypt ignores further bytes; without --password-stdin, a password is generated`,
  );
}
