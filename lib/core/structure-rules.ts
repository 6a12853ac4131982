import { isObjectNotList } from './option-rules';
import {
  charactersUnsafeInYamlProblems,
  joinOptionPath,
  problemsOfValue,
  type Rule,
  ruleViolationText,
} from './validation';

/** Validation rule for any text. */
export const text: Rule = { allowed: 'a text', accepts: (value) => typeof value === 'string' };

/** Validation rule that accepts any value, for an option that another rule validates together with other options. */
export const anything: Rule = { allowed: 'any value', accepts: () => true, problems: () => [] };

/** Validation rule for a required field. */
export interface RequiredRule extends Rule {
  readonly required: true;
}

type OptionRule = Rule & Partial<RequiredRule> & { readonly renamedFrom?: string };

/**
 * The validation rules of all fields of an object in an external format, such as the format of Kubernetes or
 * Alertmanager. The compiler reports fields without a rule. For options of this library, use `OptionTable`, which
 * also has defaults.
 */
export type RuleTable<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Rule : RequiredRule;
};

/** Returns a validation rule for a required field. */
export const markRuleAsRequired = (rule: Rule): RequiredRule => ({ ...rule, required: true });

const NO_PROBLEMS: readonly string[] = [];

/**
 * Returns true if a value is valid, and the rule does not validate parts of the value. For a rule that validates parts,
 * always returns false: the caller must call `problems()` of the rule.
 */
const isValidAsWhole = (value: unknown, rule: Rule): boolean =>
  !rule.problems && rule.accepts(value) && charactersUnsafeInYamlProblems('', value).length === 0;

/**
 * Returns a validation rule that validates the parts of a value. A value is allowed if `problems` returns an empty
 * list.
 */
const ruleFromProblemsFunction = (
  allowed: string,
  problems: (value: unknown, path: string) => readonly string[],
): Rule => ({
  allowed,
  problems,
  accepts: (value) => problems(value, '').length === 0,
});

/** Returns a validation rule for an object that only contains the fields of a table. */
export function objectRule<T>(table: RuleTable<T>): Rule {
  const rules = new Map(Object.entries<OptionRule>(table));
  const allowed = rules.size ? `the options ${[...rules.keys()].join(', ')}` : 'no options';
  const currentNameOfRenamedOption = (option: string): string | undefined =>
    [...rules].find(([, { renamedFrom }]) => renamedFrom === option)?.[0];
  const problemsOfOption = (path: string, option: string, value: unknown): readonly string[] => {
    const rule = rules.get(option);
    if (value === undefined)
      return rule?.required
        ? [`${joinOptionPath(path, option)} is missing; allowed: ${rule.allowed}`]
        : NO_PROBLEMS;
    if (rule && isValidAsWhole(value, rule)) return NO_PROBLEMS;
    if (rule) return problemsOfValue(joinOptionPath(path, option), value, rule);
    const name = currentNameOfRenamedOption(option);
    return [
      name === undefined
        ? `${joinOptionPath(path, option)} is not an option; allowed: ${allowed}`
        : `${joinOptionPath(path, option)} is not an option, because it was renamed to ${name}; allowed: ${allowed}`,
    ];
  };
  // A synthesis checks tens of thousands of options. Nearly all are valid, so a valid option allocates no list and no path.
  const objectProblems = (value: unknown, path: string): readonly string[] => {
    if (value === undefined && path) return [`${path} is missing; allowed: ${allowed}`];
    if (!isObjectNotList(value)) return [ruleViolationText(path || 'the last argument', value, { allowed })];
    const found: string[] = [];
    const addProblemsOfOption = (name: string): void => {
      const problems = problemsOfOption(path, name, Reflect.get(value, name));
      if (problems.length) found.push(...problems);
    };
    for (const name of rules.keys()) addProblemsOfOption(name);
    for (const name of Object.keys(value)) if (!rules.has(name)) addProblemsOfOption(name);
    return found;
  };
  return ruleFromProblemsFunction(allowed, objectProblems);
}

/**
 * Returns whether a member of a list or map is valid. Building the path of a member takes longer than validating most
 * members. Therefore, the caller builds paths only if a member is invalid.
 * @param path path of the list or map
 */
const isValidListOrMapMember = (path: string, part: unknown, rule: Rule): boolean =>
  problemsOfValue(path || 'value', part, rule).length === 0;

/** Returns a validation rule for a list whose members all match `rule`. An error names the index of the invalid member. */
export const listRule = (rule: Rule): Rule => {
  const allowed = `a list, each member ${rule.allowed}`;
  return ruleFromProblemsFunction(allowed, (value, path) => {
    if (!Array.isArray(value)) return [ruleViolationText(path, value, { allowed })];
    const members = Array.from(value);
    if (members.every((member) => isValidListOrMapMember(path, member, rule))) return NO_PROBLEMS;
    return members.flatMap((member, index) => problemsOfValue(`${path}[${index}]`, member, rule));
  });
};

/** Returns a validation rule for a list with at least one member, in addition to another rule for the list. */
export const nonEmptyListRule = (list: Rule): Rule =>
  combineRulesWithAnd(list, {
    allowed: 'a non-empty list',
    accepts: (value) => Array.isArray(value) && value.length > 0,
  });

/** Returns a validation rule that only validates a value as a whole, not its parts. */
export const valueCheckedAsWholeRule = (rule: Rule): Rule =>
  ruleFromProblemsFunction(rule.allowed, (value, path) =>
    rule.accepts(value) ? [] : [ruleViolationText(path, value, rule)],
  );

/**
 * Returns a validation rule for an object with any keys.
 * @param name rule for each key
 * @param rule rule for each value
 */
export const mapRule = (name: Rule, rule: Rule): Rule => {
  const allowed = `an object; each name: ${name.allowed}; each value: ${rule.allowed}`;
  return ruleFromProblemsFunction(allowed, (value, path) => {
    if (!isObjectNotList(value)) return [ruleViolationText(path, value, { allowed })];
    const entries = Object.entries(value);
    if (entries.every(([key, held]) => name.accepts(key) && isValidListOrMapMember(path, held, rule)))
      return NO_PROBLEMS;
    return entries.flatMap(([key, held]) =>
      name.accepts(key)
        ? problemsOfValue(joinOptionPath(path, key), held, rule)
        : [ruleViolationText(`the name of an entry in ${path}`, key, name)],
    );
  });
};

/**
 * Returns a validation rule for a union type. Each variant has a field that no other variant has.
 * @param kinds rule of each variant, by the field that only this variant has
 */
export const unionRule = (allowed: string, kinds: Readonly<Record<string, Rule>>): Rule =>
  ruleFromProblemsFunction(allowed, (value, path) => {
    const [kind, ...more] = Object.keys(kinds).filter((option) => isObjectNotList(value) && option in value);
    const rule = kind !== undefined && more.length === 0 && kinds[kind];
    return rule ? problemsOfValue(path, value, rule) : [ruleViolationText(path, value, { allowed })];
  });

/** Returns a validation rule that allows `false`, and objects that match `rule`. */
export const falseOrObjectRule = (rule: Rule): Rule =>
  ruleFromProblemsFunction(`false, or ${rule.allowed}`, (value, path) =>
    value === false
      ? []
      : isObjectNotList(value)
        ? problemsOfValue(path, value, rule)
        : [ruleViolationText(path, value, { allowed: `false, or ${rule.allowed}` })],
  );

/**
 * Returns a validation rule that combines two rules: a value must match both. The rule `further` is only checked if
 * the value matches `rule`.
 */
export const combineRulesWithAnd = (rule: Rule, further: Rule): Rule =>
  ruleFromProblemsFunction(`${rule.allowed}; ${further.allowed}`, (value, path) => {
    const problems = problemsOfValue(path, value, rule);
    return problems.length ? problems : problemsOfValue(path, value, further);
  });

/** Returns a validation rule for an object that has certain members, such as a construct of this library. */
export const objectWithAtLeastFieldsRule = (allowed: string, ...fields: readonly string[]): Rule => ({
  allowed,
  accepts: (value) =>
    isObjectNotList(value) && fields.every((field) => Reflect.get(value, field) !== undefined),
});
