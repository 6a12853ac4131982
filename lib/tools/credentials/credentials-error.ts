/**
 * What the command was given to work on cannot be used, or should not be. The message says what
 * was given, what is allowed and what to do, and never shows a password or a hash.
 */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
