/** Input and output of a command. */
export interface CommandIo {
  /** Reads all of standard input. A command calls this function at most once, and only if the command needs input. */
  readonly stdin: () => string;
  /** Prints a result to standard output, which another program may read. */
  readonly stdout: (text: string) => void;
  /** Prints a message to standard error. Messages contain no secrets. */
  readonly stderr: (text: string) => void;
  /** Whether standard input is a terminal. @default false */
  readonly stdinIsTerminal?: boolean;
  /** Whether standard output is a terminal. @default false */
  readonly stdoutIsTerminal?: boolean;
  /** Whether standard error is a terminal. @default false */
  readonly stderrIsTerminal?: boolean;
  /**
   * Asks a question on the terminal and returns the answer.
   * @throws Error when the user cancels the question with Ctrl-C or Ctrl-D.
   * @default - questions cannot be asked, because there is no terminal
   */
  readonly ask?: (question: string) => Promise<string>;
}
