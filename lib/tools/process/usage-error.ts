/** A command was called in a way that it does not know. The message ends in the option, never in a secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
