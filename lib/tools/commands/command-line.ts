import { Command, type ParseOptionsResult } from 'commander';
import { suggestedCommand } from '../process/command-lines';
import { UsageError } from '../process/usage-error';

/** The options of a command, all of them long, parsed by commander. Errors are thrown as UsageError. */
export class CommandLine extends Command {
  private readonly refused = new Map<string, string>();
  private readonly seen = new Set<string>();
  private takesPasswords = false;

  constructor(name: string) {
    super(suggestedCommand(name, '').trimEnd());
    this.helpOption('--help', 'shows this help').exitOverride();
  }

  /** Refuses an option that users may try, with a hint. */
  refuseFlag(flag: string, problem: string): this {
    this.refused.set(flag, problem);
    return this;
  }

  /** Never shows an unexpected argument in an error, since it may be a misplaced password. */
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

  /** Whether the value of an option is the next argument. */
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
      throw new UsageError(`${flag} is given more than once`);
    this.seen.add(flag);
    if (value !== undefined && !option?.required && !option?.optional)
      throw new UsageError(`${flag} does not take a value`);
    if (!option?.required || value !== undefined) return false;
    if (next === undefined || next.startsWith('--')) {
      throw new UsageError(`${flag} requires a value; if it starts with dashes, use ${flag}=VALUE`);
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

/** Collects the values of a repeatable option. */
export const collectValues = (value: string, earlier: readonly string[] = []): string[] => [
  ...earlier,
  value,
];

/** Parses a number; other values are returned unchanged, so that the error message shows them. */
export const parseWholeNumber = (value: string): number | string =>
  /^\d+$/.test(value) ? Number(value) : value;

/** Checks an output folder. An empty value, as from an unset variable, would mean the current folder. */
export const requireFolderPath = (value: string): string => {
  if (value) return value;
  throw new UsageError('--output is ""; allowed: the path of a folder, such as "out"');
};
