/**
 * Error for invalid input of the command `credentials`. The message contains the given value, the allowed values and the
 * remedy. The message never contains a password or the hash of a password.
 */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
