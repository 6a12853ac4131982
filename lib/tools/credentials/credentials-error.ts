/**
 * Error for invalid input of the command `credentials`. The message shows the given value, the allowed ones
 * and the remedy, but never a password or hash.
 */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
