import { inspect } from 'node:util';
import type { Construct } from 'constructs';

/** What an option may hold, in words and as a check. */
export interface Rule {
  /** What is allowed and an example, as an error message says it. */
  readonly allowed: string;
  /** Whether a value is allowed. */
  readonly accepts: (value: unknown) => boolean;
  /**
   * What is wrong with the parts of a value, each with its path, such as `services[0].port`.
   * @default - the value is refused as a whole
   */
  readonly problems?: (value: unknown, path: string) => readonly string[];
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
  const problems = checkProblems(checks);
  if (problems.length) throw invalid(where, problems.join('; '));
}

/** What options break their rules; those that are undefined are left to their defaults. */
export function checkProblems(checks: Checks): readonly string[] {
  return Object.entries(checks)
    .filter(([, [value]]) => value !== undefined)
    .flatMap(([option, [value, rule]]) => problemsOf(option, value, rule));
}

/** What is wrong with a value; each sentence names the option, what was given and what is allowed. */
export function problemsOf(option: string, value: unknown, rule: Rule): readonly string[] {
  if (rule.problems) return rule.problems(value, option);
  return rule.accepts(value) ? unwritable(option, value) : [violation(option, value, rule)];
}

/**
 * Halves of surrogate pairs, which are no characters; line ends that readers of YAML 1.1 know and others do not; control
 * characters, which YAML has no words for.
 */
const UNWRITABLE = /[\p{Cs}\u0085\u2028\u2029\ufeff\ufffe\uffff]|(?![\t\n\r])\p{Cc}/u;

/** Texts as most are, which this finds in a fraction of the time. */
const ASCII = /^[\t\n\r -~]*$/;

/** Which texts of a value no file of YAML can hold so that every program reads it in the same way. */
export function unwritable(path: string, value: unknown): readonly string[] {
  if (typeof value === 'string') {
    if (ASCII.test(value)) return [];
    const [found] = UNWRITABLE.exec(value) ?? [];
    if (found === undefined) return [];
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return [
      `${path} has the character U+${code}, which YAML cannot hold; allowed: printable characters, tabs and line feeds`,
    ];
  }
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype;
  if (!isPlain || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((member, index) => unwritable(`${path}[${index}]`, member));
  return Object.entries(value).flatMap(([key, held]) => [
    ...unwritable(path, key),
    ...unwritable(below(path, key), held),
  ]);
}

/** The path of an option below another: a name of letters and digits follows a dot, any other is quoted. */
export const below = (path: string, name: string): string => {
  if (path === '') return name;
  return /^[\w$-]+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
};

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
export function violation(option: string, value: unknown, rule: Pick<Rule, 'allowed'>): string {
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
