import { Command, type ParseOptionsResult } from 'commander';
import { suggestedCommand } from '../process/command-lines';
import { UsageError } from '../process/usage-error';

/** Parser for the options of a command, based on commander. All options are long, such as `--output`. Throws `UsageError`. */
export class CommandLine extends Command {
  private readonly refused = new Map<string, string>();
  private readonly seen = new Set<string>();
  private takesPasswords = false;

  constructor(name: string) {
    super(suggestedCommand(name, '').trimEnd());
    this.helpOption('--help', 'shows this help').exitOverride();
  }

  /** Adds an error message for an option that does not exist but that users may try, such as `--password`. */
  refuseFlag(flag: string, problem: string): this {
    this.refused.set(flag, problem);
    return this;
  }

  /** Hides unexpected arguments in error messages, because they may contain a password. */
  hideUnexpectedArguments(): this {
    this.takesPasswords = true;
    return this;
  }

  override parseOptions(args: string[]): ParseOptionsResult {
    for (let at = 0; at < args.length && args[at] !== '--'; at += 1) {
      if (this.consumesNextArgument(args[at] ?? '', args[at + 1])) at += 1;
    }
    return super.parseOptions(args);
  }

  /**
   * Returns whether the value of this option is the next argument, as in `--output out`; false for `--output=out`.
   * @throws UsageError when the option does not exist, is repeated, has no value, or has a value although it is a
   * switch.
   */
  private consumesNextArgument(arg: string, next: string | undefined): boolean {
    const [, flag, value] = /^(--[^=]*|-.)(?:=([\s\S]*))?/.exec(arg) ?? [];
    if (flag === undefined) return false;
    const option = this.options.find(({ long }) => long === flag);
    if (!option && flag !== '--help') {
      throw new UsageError(
        this.refused.get(flag) ?? `unknown option ${flag}; allowed: ${this.allowedFlags()}`,
      );
    }
    if (option?.parseArg !== collectValues && this.seen.has(flag))
      throw new UsageError(`${flag} is given more than once; allowed: once`);
    this.seen.add(flag);
    if (value !== undefined && !option?.required && !option?.optional)
      throw new UsageError(`${flag} does not take a value`);
    if (!option?.required || value !== undefined) return false;
    if (next === undefined || next.startsWith('--')) {
      throw new UsageError(`${flag} requires a value; if the value starts with dashes, use ${flag}=VALUE`);
    }
    return true;
  }

  private allowedFlags(): string {
    return ['--help', ...this.options.map(({ long }) => long)].join(', ');
  }

  override error(message: string): never {
    const problem = message.replace(/^error: /, '');
    if (problem.startsWith('too many')) throw new UsageError(this.unexpectedArgumentProblem());
    throw new UsageError(
      problem.startsWith('missing required argument') ? this.missingArgumentProblem() : problem,
    );
  }

  private missingArgumentProblem(): string {
    const argument = this.registeredArguments[this.args.length];
    return `missing argument <${argument?.name()}>; allowed: ${argument?.description}`;
  }

  private unexpectedArgumentProblem(): string {
    const extra = this.args
      .slice(this.registeredArguments.length)
      .map((argument) => JSON.stringify(argument));
    const named = this.takesPasswords ? '' : `: ${extra.join(', ')}`;
    return `unexpected argument${named}; allowed: ${this.allowedFlags()}`;
  }
}

/** Adds a value of a repeatable option to its earlier values. */
export const collectValues = (value: string, earlier: readonly string[] = []): string[] => [
  ...earlier,
  value,
];

/** Parses a whole number. Returns other texts unchanged, so that the error message of the option's rule shows them. */
export const parseWholeNumber = (value: string): number | string =>
  /^\d+$/.test(value) ? Number(value) : value;

/**
 * Returns the path of an output folder.
 * @throws UsageError when the path is empty, as from an unset shell variable: it would mean the current folder.
 */
export const requireFolderPath = (value: string): string => {
  if (value) return value;
  throw new UsageError(
    '--output is ""; allowed: the path of a folder, such as "out"; use "." for the current folder',
  );
};
