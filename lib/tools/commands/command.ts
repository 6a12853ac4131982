import type { CommandIo } from '../process/command-io';
import type { Environments } from '../synthesis/environment';
import type { CommandLine } from './command-line';

/** The environments of the app, and the standard input and output of a command. */
export interface CommandContext {
  readonly environments: Environments;
  readonly io: CommandIo;
}

/** A command of the app: the declaration of its options, and the function that runs it. */
export interface CommandModule {
  /** Adds the description and the options of the command to `line`. `--help` prints both. */
  define(line: CommandLine): void;
  /**
   * Runs the command with the parsed options of `line`.
   * @throws UsageError when the options are invalid, before the command changes anything; Error when the command fails.
   */
  run(line: CommandLine, context: CommandContext): CommandResult;
}

/** Exit code of a command, or a promise of the exit code. `undefined` means 0. */
// biome-ignore lint/suspicious/noConfusingVoidType: most commands return nothing
export type CommandResult = number | void | Promise<number | void>;
