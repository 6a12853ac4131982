import type { CommandIo } from '../process/command-io';
import type { Environments } from '../synthesis/environment';
import type { CommandLine } from './command-line';

/** The environments that a command works on, and its input and output. */
export interface CommandContext {
  readonly environments: Environments;
  readonly io: CommandIo;
}

/** A command of the app. */
export interface CommandModule {
  /** Declares the purpose and the options of the command, also for --help. */
  define(line: CommandLine): void;
  /** Runs the command. Errors are thrown before anything is written. */
  run(line: CommandLine, context: CommandContext): CommandResult;
}

/** Exit code, if it is not 0; a promise for an asynchronous command. */
// biome-ignore lint/suspicious/noConfusingVoidType: most commands return nothing
export type CommandResult = number | void | Promise<number | void>;
