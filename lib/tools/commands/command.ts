import type { CommandIo } from '../process/command-io';
import type { Environments } from '../synthesis/environment';
import type { CommandLine } from './command-line';

/** The environments that a command works on, and its input and output. */
export interface CommandContext {
  readonly environments: Environments;
  readonly io: CommandIo;
}

/** A command of the app: the declaration of its options, and the function that runs it. */
export interface CommandModule {
  /** Declares the description and the options of the command. `--help` prints both. */
  define(line: CommandLine): void;
  /** Runs the command. @throws Error before anything is written. */
  run(line: CommandLine, context: CommandContext): CommandResult;
}

/** Exit code of a command, or a promise of it. `undefined` means 0. */
// biome-ignore lint/suspicious/noConfusingVoidType: most commands return nothing
export type CommandResult = number | void | Promise<number | void>;
