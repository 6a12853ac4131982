/** Exit codes of commands. */
export const EXIT = {
  done: 0,
  /** Invalid input, or an operation failed. */
  failed: 1,
  /** `diff` or `lock-images --check` found differences. */
  differences: 2,
  /** Unknown command or option: EX_USAGE of BSD, which differs from the results above. */
  usage: 64,
} as const;
