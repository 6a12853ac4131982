/**
 * Error for invalid input of the command `credentials`. The message contains the given value, the allowed values and the
 * remedy. It never contains a password or a hash.
 */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
