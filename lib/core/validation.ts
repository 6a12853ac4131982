import { inspect } from 'node:util';
import type { Construct } from 'constructs';

/** A rule for the value of an option. */
export interface Rule {
  /** Allowed values with an example, for error messages. */
  readonly allowed: string;
  /** Whether a value is allowed. */
  readonly accepts: (value: unknown) => boolean;
  /**
   * Returns the errors in the parts of a value, each with its path, such as `services[0].port`.
   * @default - the value is refused as a whole
   */
  readonly problems?: (value: unknown, path: string) => readonly string[];
}

/**
 * Error for an option with an invalid value. Its message names the option, the given value and the allowed
 * values.
 */
export class InvalidOptionError extends Error {
  /** Identifies the error where `instanceof` does not work, such as in a logged message. */
  override readonly name = 'InvalidOptionError';
}

/** Options by name, each with the given value and its rule. */
export type Checks = Readonly<Record<string, readonly [unknown, Rule]>>;

/**
 * Checks the options of a construct; undefined options are skipped.
 * @throws InvalidOptionError that lists every invalid option.
 */
export function verify(where: Construct | string, checks: Checks): void {
  const problems = checkProblems(checks);
  if (problems.length) throw invalid(where, problems.join('; '));
}

/** Returns an error for each invalid option; undefined options are skipped. */
export function checkProblems(checks: Checks): readonly string[] {
  return Object.entries(checks)
    .filter(([, [value]]) => value !== undefined)
    .flatMap(([option, [value, rule]]) => problemsOf(option, value, rule));
}

/** Returns the errors in a value; each names the option, the given value and the allowed values. */
export function problemsOf(option: string, value: unknown, rule: Rule): readonly string[] {
  if (rule.problems) return rule.problems(value, option);
  return rule.accepts(value) ? unwritableTextProblems(option, value) : [violationText(option, value, rule)];
}

/**
 * Characters that YAML files cannot hold safely: unpaired surrogates, line separators that only YAML 1.1
 * treats as such, and control characters.
 */
const UNWRITABLE = /[\p{Cs}\u0085\u2028\u2029\ufeff\ufffe\uffff]|(?![\t\n\r])\p{Cc}/u;

/** Fast check for plain ASCII texts, which most texts are. */
const ASCII = /^[\t\n\r -~]*$/;

/** Returns the texts in a value that YAML parsers would not all read in the same way. */
export function unwritableTextProblems(path: string, value: unknown): readonly string[] {
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
  if (Array.isArray(value))
    return value.flatMap((member, index) => unwritableTextProblems(`${path}[${index}]`, member));
  return Object.entries(value).flatMap(([key, held]) => [
    ...unwritableTextProblems(path, key),
    ...unwritableTextProblems(joinPath(path, key), held),
  ]);
}

/**
 * Returns the path of an option below another one: names of letters and digits follow a dot, others are
 * quoted.
 */
export const joinPath = (path: string, name: string): string => {
  if (path === '') return name;
  return /^[\w$-]+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
};

/** Returns the checks of every member of a list, with paths such as `services[0].port`. */
export function checksOfMembers<T>(
  list: string,
  members: readonly T[],
  checks: (member: T) => Checks,
): Checks {
  return Object.fromEntries(
    members.flatMap((member, index) =>
      Object.entries(checks(member)).map(([option, check]) => [`${list}[${index}].${option}`, check]),
    ),
  );
}

/** Creates an error about a construct, identified by its path. */
export function invalid(where: Construct | string, problem: string): InvalidOptionError {
  return new InvalidOptionError(`${typeof where === 'string' ? where : where.node.path}: ${problem}`);
}

/** Returns the error message for a value: option, given value, allowed values. */
export function violationText(option: string, value: unknown, rule: Pick<Rule, 'allowed'>): string {
  return `${option} is ${displayValue(value)}; allowed: ${rule.allowed}`;
}

/** Formats a value for a message: shortened, and without the password of a URL. */
export function displayValue(value: unknown): string {
  const text = inspectValue(value).replace(/\/\/[^/@"]*@/g, '//***@');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/**
 * Formats a value as JSON, or with Node's `util.inspect` if JSON does not support it, such as functions, NaN or
 * cycles.
 */
function inspectValue(value: unknown): string {
  const inspectedText = () => inspect(value, { compact: true, breakLength: Number.POSITIVE_INFINITY });
  if (typeof value === 'number') return inspectedText();
  try {
    return JSON.stringify(value) ?? inspectedText();
  } catch {
    return inspectedText();
  }
}
