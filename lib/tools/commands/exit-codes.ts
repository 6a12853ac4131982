/** How a command ends. */
export const EXIT = {
  done: 0,
  /** What was given cannot be used, or the work could not be done. */
  failed: 1,
  /** What `diff` or `lock-images --check` looked for is there. */
  differences: 2,
  /** An option or a command that there is not; EX_USAGE of BSD, so that nothing takes it for an answer. */
  usage: 64,
} as const;
