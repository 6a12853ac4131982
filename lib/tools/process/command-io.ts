/** Input and output of a command. */
export interface CommandIo {
  /** Returns all of standard input; called at most once, and only if input is needed. */
  readonly stdin: () => string;
  /** Prints the result, which another program may read. */
  readonly stdout: (text: string) => void;
  /** Prints messages, which contain no secrets. */
  readonly stderr: (text: string) => void;
  /** Whether standard input is a terminal. @default false */
  readonly stdinIsTerminal?: boolean;
  /** Whether standard output is a terminal. @default false */
  readonly stdoutIsTerminal?: boolean;
  /** Whether standard error is a terminal. @default false */
  readonly stderrIsTerminal?: boolean;
  /**
   * Asks a question on the terminal and returns the answer.
   * @throws Error when it is canceled.
   * @default - no terminal
   */
  readonly ask?: (question: string) => Promise<string>;
}
