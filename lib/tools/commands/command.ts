import type { CommandIo } from '../process/command-io';
import type { Environments } from '../synthesis/environment';
import type { CommandLine } from './command-line';

/** What a command works on. */
export interface CommandContext {
  readonly environments: Environments;
  readonly io: CommandIo;
}

/** A command of the app, in a file of its own, loaded only when it is called. */
export interface CommandModule {
  /** Declares what the command is for and every option, for --help too. */
  define(line: CommandLine): void;
  /** Does what the options say. Whatever is wrong is thrown before anything was written. */
  run(line: CommandLine, context: CommandContext): Ended;
}

/** The exit code, when it is not 0; a promise when the command takes its time. */
// biome-ignore lint/suspicious/noConfusingVoidType: most commands return nothing
export type Ended = number | void | Promise<number | void>;
