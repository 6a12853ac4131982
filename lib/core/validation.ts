import { inspect } from 'node:util';
import type { Construct } from 'constructs';

/** What an option may hold, in words and as a check. */
export interface Rule {
  /** What is allowed and an example, as an error message says it. */
  readonly allowed: string;
  /** Whether a value is allowed. */
  readonly accepts: (value: unknown) => boolean;
}

/** An option that was given a value that it may not hold. The message says which, what, and what is allowed. */
export class InvalidOptionError extends Error {
  /** Tells it from other errors where `instanceof` cannot, as in a message that was logged. */
  override readonly name = 'InvalidOptionError';
}

/** Options by name, each with what was given and its rule. */
export type Checks = Readonly<Record<string, readonly [unknown, Rule]>>;

/**
 * Checks options of a construct; options that are undefined are left to their defaults.
 *
 * @throws InvalidOptionError that names every option that breaks its rule.
 */
export function verify(where: Construct | string, checks: Checks): void {
  const problems = Object.entries(checks)
    .filter(([, [value, rule]]) => value !== undefined && !rule.accepts(value))
    .map(([option, [value, rule]]) => violation(option, value, rule));
  if (problems.length) throw invalid(where, problems.join('; '));
}

/** The checks of every member of a list, whose options are named by its place: `services[0].port`. */
export function ofEach<T>(list: string, members: readonly T[], checks: (member: T) => Checks): Checks {
  return Object.fromEntries(
    members.flatMap((member, index) =>
      Object.entries(checks(member)).map(([option, check]) => [`${list}[${index}].${option}`, check]),
    ),
  );
}

/** An error about one construct, named by its path. */
export function invalid(where: Construct | string, problem: string): InvalidOptionError {
  return new InvalidOptionError(`${typeof where === 'string' ? where : where.node.path}: ${problem}`);
}

/** One sentence: the option, what was given, what is allowed. */
export function violation(option: string, value: unknown, rule: Rule): string {
  return `${option} is ${shown(value)}; allowed: ${rule.allowed}`;
}

/** A value as a message may show it: short, and without the password of a URL. */
export function shown(value: unknown): string {
  const text = written(value).replace(/\/\/[^/@"]*@/g, '//***@');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** As JSON; what has no words there, such as a function, a number that is none or a cycle, as Node shows it. */
function written(value: unknown): string {
  const asNode = () => inspect(value, { compact: true, breakLength: Number.POSITIVE_INFINITY });
  if (typeof value === 'number') return asNode();
  try {
    return JSON.stringify(value) ?? asNode();
  } catch {
    return asNode();
  }
}
