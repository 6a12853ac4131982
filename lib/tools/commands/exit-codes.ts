/** Exit codes of commands. */
export const EXIT = {
  done: 0,
  /** The input is invalid, or an operation failed. */
  failed: 1,
  /** The command `diff` or `lock-images --check` found differences. */
  differences: 2,
  /** The command or an option is unknown or invalid. The value is EX_USAGE of BSD's sysexits.h. */
  usage: 64,
} as const;
