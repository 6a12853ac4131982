import { inspect } from 'node:util';
import type { Construct } from 'constructs';

/** A rule for the value of an option. */
export interface Rule {
  /** Description of the allowed values with an example, for error messages. */
  readonly allowed: string;
  /** Returns whether a value is allowed. */
  readonly accepts: (value: unknown) => boolean;
  /**
   * Returns the errors in the parts of a value. Each error contains the path of its part, such as
   * `services[0].port`.
   * @default - there is one error for the whole value
   */
  readonly problems?: (value: unknown, path: string) => readonly string[];
  /**
   * Returns whether `problems` would return an empty list, without building paths and lists. A synthesis validates tens
   * of thousands of values, and nearly all of them are valid.
   * @default - `problems` is called
   */
  readonly isValid?: (value: unknown) => boolean;
}

/**
 * Error for an option with an invalid value. The message contains the option, the given value and the allowed
 * values.
 */
export class InvalidOptionError extends Error {
  /** Name of the error, to identify it if `instanceof` does not work, such as in a logged message. */
  override readonly name = 'InvalidOptionError';
}

/** Value and rule of each option, by the name of the option. */
export type Checks = Readonly<Record<string, readonly [unknown, Rule]>>;

/**
 * Validates options. Options that are undefined are valid.
 * @throws InvalidOptionError that lists every invalid option.
 */
export function validateOptions(where: Construct | string, checks: Checks): void {
  const problems = invalidOptionProblems(checks);
  if (problems.length) throw optionError(where, problems.join('; '));
}

/** Returns an error for each invalid option. Options that are undefined are valid. */
export function invalidOptionProblems(checks: Checks): readonly string[] {
  return Object.entries(checks)
    .filter(([, [value]]) => value !== undefined)
    .flatMap(([option, [value, rule]]) => problemsOfValue(option, value, rule));
}

const NO_PROBLEMS: readonly string[] = [];

/** Returns the errors in a value. Each error contains the option, the given value and the allowed values. */
export function problemsOfValue(option: string, value: unknown, rule: Rule): readonly string[] {
  if (rule.isValid?.(value)) return NO_PROBLEMS;
  if (rule.problems) return rule.problems(value, option);
  return rule.accepts(value)
    ? problemsOfCharactersUnsafeInYaml(option, value)
    : [ruleViolationText(option, value, rule)];
}

/** Returns whether a value has no errors. This is faster than `problemsOfValue`. */
export function isValidValue(value: unknown, rule: Rule): boolean {
  if (rule.isValid) return rule.isValid(value);
  return rule.problems
    ? rule.problems(value, '').length === 0
    : rule.accepts(value) && problemsOfCharactersUnsafeInYaml('', value).length === 0;
}

/**
 * Characters that are not safe in YAML files: unpaired surrogates, control characters, and characters that only
 * YAML 1.1 treats as line separators.
 */
const UNSAFE_IN_YAML = /[\p{Cs}\u0085\u2028\u2029\ufeff\ufffe\uffff]|(?![\t\n\r])\p{Cc}/u;

/** Pattern for plain ASCII texts, as a fast check for most texts. */
const ASCII = /^[\t\n\r -~]*$/;

/** Returns whether all texts in a list or an object are ASCII. This check is fast, and nearly all texts pass it. */
function isAscii(value: unknown): boolean {
  if (typeof value === 'string') return ASCII.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isAscii);
  if (Object.getPrototypeOf(value) !== Object.prototype) return true;
  return Object.keys(value).every((key) => ASCII.test(key) && isAscii(Reflect.get(value, key)));
}

/** Returns an error for each text in a value that not all YAML parsers would read in the same way. */
export function problemsOfCharactersUnsafeInYaml(path: string, value: unknown): readonly string[] {
  if (typeof value === 'string') {
    if (ASCII.test(value)) return [];
    const [found] = UNSAFE_IN_YAML.exec(value) ?? [];
    if (found === undefined) return [];
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return [
      `${path} contains the character U+${code}, which is not safe in YAML files; allowed: printable characters, tabs and line feeds`,
    ];
  }
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype;
  if (!isPlain || typeof value !== 'object' || value === null || isAscii(value)) return [];
  if (Array.isArray(value))
    return value.flatMap((member, index) => problemsOfCharactersUnsafeInYaml(`${path}[${index}]`, member));
  return Object.entries(value).flatMap(([key, held]) => [
    ...problemsOfCharactersUnsafeInYaml(path, key),
    ...problemsOfCharactersUnsafeInYaml(joinOptionPath(path, key), held),
  ]);
}

/** Returns the path of an option below another one, such as `edge.fleet` or `labels["a/b"]`. */
export const joinOptionPath = (path: string, name: string): string => {
  if (path === '') return name;
  return /^[\w$-]+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
};

/** Returns the checks of all members of a list, by path, such as `services[0].port`. @param list path of the list */
export function checksOfListMembers<T>(
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

/**
 * Returns an error about a construct or function. The caller throws the error. The message starts with the path of the
 * construct or the name of the function.
 */
export function optionError(where: Construct | string, problem: string): InvalidOptionError {
  return new InvalidOptionError(`${typeof where === 'string' ? where : where.node.path}: ${problem}`);
}

/** Returns the error message for an invalid value: the option, the given value and the allowed values. */
export function ruleViolationText(option: string, value: unknown, rule: Pick<Rule, 'allowed'>): string {
  return `${option} is ${formatValue(value)}; allowed: ${rule.allowed}`;
}

/** Formats a value for a message. Shortens long values, and replaces the user and password in a URL by `***`. */
export function formatValue(value: unknown): string {
  const text = formatValueAsJson(value).replace(/\/\/[^/@"]*@/g, '//***@');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/**
 * Formats a value as JSON. Uses Node's `util.inspect` for values that JSON does not support, such as functions,
 * NaN and cycles.
 */
function formatValueAsJson(value: unknown): string {
  const formatWithNodeInspect = () =>
    inspect(value, { compact: true, breakLength: Number.POSITIVE_INFINITY });
  if (typeof value === 'number') return formatWithNodeInspect();
  try {
    return JSON.stringify(value) ?? formatWithNodeInspect();
  } catch {
    return formatWithNodeInspect();
  }
}
