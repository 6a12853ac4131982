/** The command was called in a way that it does not know: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What the command was given to work on cannot be used, or should not be: exit code 1. The message says what
 * was given, what is allowed and what to do, and never shows a password or a hash.
 */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
