/** Error for an invalid command line. The message may contain the invalid option, but never a secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
