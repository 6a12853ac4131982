import { isRecord } from './option-rules';
import { below, problemsOf, type Rule, violation } from './validation';

/** Any text. */
export const text: Rule = { allowed: 'a text', accepts: (value) => typeof value === 'string' };

/** What another rule checks, which looks at several options. */
export const anything: Rule = { allowed: 'any value', accepts: () => true, problems: () => [] };

/** The rule of an option that must be given. */
export interface RequiredRule extends Rule {
  readonly required: true;
}

type OptionRule = Rule & Partial<RequiredRule> & { readonly renamedFrom?: string };

/**
 * The fields of a format of others, such as Kubernetes or Alertmanager, each with its rule: the compiler names those that have
 * none. Options of this library have an `OptionTable`, which has their defaults, too.
 */
export type RuleTable<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Rule : RequiredRule;
};

/** An option that must be given. */
export const required = (rule: Rule): RequiredRule => ({ ...rule, required: true });

/** A rule about the parts of a value. */
const composite = (allowed: string, problems: (value: unknown, path: string) => readonly string[]): Rule => ({
  allowed,
  problems,
  accepts: (value) => problems(value, '').length === 0,
});

/** An object that has these options, and no others. */
export function options<T>(table: RuleTable<T>): Rule {
  const rules = new Map(Object.entries<OptionRule>(table));
  const allowed = rules.size ? `the options ${[...rules.keys()].join(', ')}` : 'no options';
  const renamed = (option: string): string => {
    const [name] = [...rules].find(([, { renamedFrom }]) => renamedFrom === option) ?? [];
    return name === undefined ? '' : ` any more: it is called ${name} now`;
  };
  const problem = (path: string, option: string, value: unknown): readonly string[] => {
    const rule = rules.get(option);
    if (value === undefined)
      return rule?.required ? [`${below(path, option)} is missing; allowed: ${rule.allowed}`] : [];
    if (rule) return problemsOf(below(path, option), value, rule);
    return [`${below(path, option)} is not an option${renamed(option)}; allowed: ${allowed}`];
  };
  const problems = (value: unknown, path: string): readonly string[] => {
    if (value === undefined && path) return [`${path} is missing; allowed: ${allowed}`];
    if (!isRecord(value)) return [violation(path || 'the last argument', value, { allowed })];
    const names = new Set([...rules.keys(), ...Object.keys(value)]);
    return [...names].flatMap((name) => problem(path, name, Reflect.get(value, name)));
  };
  return composite(allowed, problems);
}

/** A list of which each member keeps a rule; a message names the member. */
export const each = (rule: Rule): Rule => {
  const allowed = `a list, each member ${rule.allowed}`;
  return composite(allowed, (value, path) =>
    Array.isArray(value)
      ? Array.from(value).flatMap((member, index) => problemsOf(`${path}[${index}]`, member, rule))
      : [violation(path, value, { allowed })],
  );
};

/** A list that keeps a rule and is not empty. */
export const some = (list: Rule): Rule =>
  also(list, {
    allowed: 'a list of at least one',
    accepts: (value) => Array.isArray(value) && value.length > 0,
  });

/** What keeps a rule as a whole, and whose parts are checked by something else. */
export const withoutParts = (rule: Rule): Rule =>
  composite(rule.allowed, (value, path) => (rule.accepts(value) ? [] : [violation(path, value, rule)]));

/** An object whose names and values keep rules each. */
export const entries = (name: Rule, rule: Rule): Rule => {
  const allowed = `an object: names are ${name.allowed}; values are ${rule.allowed}`;
  return composite(allowed, (value, path) =>
    isRecord(value)
      ? Object.entries(value).flatMap(([key, held]) =>
          name.accepts(key)
            ? problemsOf(below(path, key), held, rule)
            : [violation(`a name in ${path}`, key, name)],
        )
      : [violation(path, value, { allowed })],
  );
};

/** An object of one of several kinds, each of which has an option that the others do not have: the kinds by these options. */
export const variants = (allowed: string, kinds: Readonly<Record<string, Rule>>): Rule =>
  composite(allowed, (value, path) => {
    const [kind, ...more] = Object.keys(kinds).filter((option) => isRecord(value) && option in value);
    const rule = kind !== undefined && more.length === 0 && kinds[kind];
    return rule ? problemsOf(path, value, rule) : [violation(path, value, { allowed })];
  });

/** `false`, or what keeps a rule. */
export const falseOr = (rule: Rule): Rule =>
  composite(`false, or ${rule.allowed}`, (value, path) =>
    value === false
      ? []
      : isRecord(value)
        ? problemsOf(path, value, rule)
        : [violation(path, value, { allowed: `false, or ${rule.allowed}` })],
  );

/** A rule, and one more about a value that keeps it. */
export const also = (rule: Rule, further: Rule): Rule =>
  composite(`${rule.allowed}; ${further.allowed}`, (value, path) => {
    const problems = problemsOf(path, value, rule);
    return problems.length ? problems : problemsOf(path, value, further);
  });

/** An object with certain functions or fields, as another construct of this library has them. */
export const having = (allowed: string, ...fields: readonly string[]): Rule => ({
  allowed,
  accepts: (value) => isRecord(value) && fields.every((field) => Reflect.get(value, field) !== undefined),
});
