/** What a command reads from and writes to. */
export interface CommandIo {
  /** All of standard input; called at most once, and only when something has to be read. */
  readonly stdin: () => string;
  /** Gets what was asked for, and nothing else: another program may read it. */
  readonly stdout: (text: string) => void;
  /** Gets what is said about it, and nothing secret. */
  readonly stderr: (text: string) => void;
  /** Whether nothing is piped in. @default false */
  readonly stdinIsTerminal?: boolean;
  /** Whether somebody sees what is printed. @default false */
  readonly stdoutIsTerminal?: boolean;
  /** Whether somebody sees what is said about it. @default false */
  readonly stderrIsTerminal?: boolean;
  /** Asks at the terminal, and gives what was typed. @throws Error when it is broken off. @default - no terminal */
  readonly ask?: (question: string) => Promise<string>;
}
