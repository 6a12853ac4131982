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

  /** Defines the error message for an option that does not exist but that users may try, such as `--password`. */
  setErrorForUnsupportedFlag(flag: string, problem: string): this {
    this.refused.set(flag, problem);
    return this;
  }

  /** Makes error messages omit unexpected arguments, because an argument may be a password. */
  hideArgumentsInErrors(): this {
    this.takesPasswords = true;
    return this;
  }

  override parseOptions(args: string[]): ParseOptionsResult {
    for (let at = 0; at < args.length && args[at] !== '--'; at += 1) {
      if (this.validateOptionAndCheckNextIsValue(args[at] ?? '', args[at + 1])) at += 1;
    }
    return super.parseOptions(args);
  }

  /**
   * Returns whether an argument is an option whose value is the next argument, as in `--output out`. Returns false for
   * `--output=out`, for options without a value, and for arguments that are not options.
   * @throws UsageError in these cases:
   * - the option does not exist
   * - the option lacks its value, or has a value although it accepts none
   * - the option is repeated although it may be given only once
   */
  private validateOptionAndCheckNextIsValue(arg: string, next: string | undefined): boolean {
    const [, flag, value] = /^(--[^=]*|-.)(?:=([\s\S]*))?/.exec(arg) ?? [];
    if (flag === undefined) return false;
    const option = this.options.find(({ long }) => long === flag);
    if (!option && flag !== '--help') {
      throw new UsageError(
        this.refused.get(flag) ?? `unknown option ${flag}; allowed: ${this.formatAllowedFlags()}`,
      );
    }
    if (option?.parseArg !== appendOptionValue && this.seen.has(flag))
      throw new UsageError(`${flag} is given more than once; allowed: once`);
    this.seen.add(flag);
    if (value !== undefined && !option?.required && !option?.optional)
      throw new UsageError(`${flag} does not accept a value: use ${flag} alone`);
    if (!option?.required || value !== undefined) return false;
    if (next === undefined || next.startsWith('--')) {
      throw new UsageError(`${flag} requires a value; if the value starts with dashes, use ${flag}=VALUE`);
    }
    return true;
  }

  private formatAllowedFlags(): string {
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
    return `unexpected argument${named}; allowed: ${this.formatAllowedFlags()}`;
  }
}

/** Returns the values of a repeatable option: the earlier values, then the new value. commander calls it for each value. */
export const appendOptionValue = (value: string, earlier: readonly string[] = []): string[] => [
  ...earlier,
  value,
];

/**
 * Parses the value of an option as a whole number. Returns any other text unchanged, so that the validation of the option
 * can show the text in its error message.
 */
export const parseWholeNumberOrKeepText = (value: string): number | string =>
  /^\d+$/.test(value) ? Number(value) : value;

/**
 * Returns the value of `--output`, which is the path of a folder.
 * @throws UsageError when the path is empty, for example because a shell variable is not set. An empty path would mean the
 * current folder.
 */
export const requireNonEmptyFolderPath = (value: string): string => {
  if (value) return value;
  throw new UsageError(
    '--output is ""; allowed: the path of a folder, such as "out"; use "." for the current folder',
  );
};
