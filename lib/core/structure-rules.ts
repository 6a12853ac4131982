import { isObjectNotList } from './option-rules';
import { isValidValue, joinOptionPath, problemsOfValue, type Rule, ruleViolationText } from './validation';

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

/**
 * Returns a validation rule that validates the parts of a value.
 * @param problems returns the errors in a value; an empty list for a valid value
 * @param isValid returns whether `problems` would return an empty list
 */
const ruleThatValidatesParts = (
  allowed: string,
  problems: (value: unknown, path: string) => readonly string[],
  isValid: (value: unknown) => boolean,
): Rule => ({ allowed, problems, isValid, accepts: isValid });

/** Returns a validation rule for an object that only contains the fields of a table. */
export function objectRule<T>(table: RuleTable<T>): Rule {
  const rules = new Map(Object.entries<OptionRule>(table));
  const required = [...rules.keys()].filter((name) => rules.get(name)?.required);
  const allowed = rules.size ? `the options ${[...rules.keys()].join(', ')}` : 'no options';
  const currentNameOfRenamedOption = (option: string): string | undefined =>
    [...rules].find(([, { renamedFrom }]) => renamedFrom === option)?.[0];
  const problemsOfOption = (path: string, option: string, value: unknown): readonly string[] => {
    const rule = rules.get(option);
    const at = joinOptionPath(path, option);
    if (value === undefined) return rule?.required ? [`${at} is missing; allowed: ${rule.allowed}`] : [];
    if (rule) return problemsOfValue(at, value, rule);
    const name = currentNameOfRenamedOption(option);
    return [
      name === undefined
        ? `${at} is not an option; allowed: ${allowed}`
        : `${at} is not an option, because it was renamed to ${name}; allowed: ${allowed}`,
    ];
  };
  const objectProblems = (value: unknown, path: string): readonly string[] => {
    if (value === undefined && path) return [`${path} is missing; allowed: ${allowed}`];
    if (!isObjectNotList(value)) return [ruleViolationText(path || 'the last argument', value, { allowed })];
    const names = new Set([...rules.keys(), ...Object.keys(value)]);
    return [...names].flatMap((name) => problemsOfOption(path, name, Reflect.get(value, name)));
  };
  const isValidOption = (name: string, value: unknown): boolean => {
    const rule = rules.get(name);
    return value === undefined || (rule !== undefined && isValidValue(value, rule));
  };
  const isValid = (value: unknown): boolean => {
    if (!isObjectNotList(value)) return false;
    // An instance of a class may inherit fields.
    if (Object.getPrototypeOf(value) !== Object.prototype) return objectProblems(value, '').length === 0;
    return (
      required.every((name) => Reflect.get(value, name) !== undefined) &&
      Object.keys(value).every((name) => isValidOption(name, Reflect.get(value, name)))
    );
  };
  return ruleThatValidatesParts(allowed, objectProblems, isValid);
}

/** Returns a validation rule for a list whose members all match `rule`. An error names the index of the invalid member. */
export const listRule = (rule: Rule): Rule => {
  const allowed = `a list, each member ${rule.allowed}`;
  return ruleThatValidatesParts(
    allowed,
    (value, path) =>
      Array.isArray(value)
        ? Array.from(value).flatMap((member, index) => problemsOfValue(`${path}[${index}]`, member, rule))
        : [ruleViolationText(path, value, { allowed })],
    (value) => Array.isArray(value) && Array.from(value).every((member) => isValidValue(member, rule)),
  );
};

/** Returns a validation rule for a list with at least one member, in addition to another rule for the list. */
export const nonEmptyListRule = (list: Rule): Rule =>
  combineRulesWithAnd(list, {
    allowed: 'a non-empty list',
    accepts: (value) => Array.isArray(value) && value.length > 0,
  });

/** Returns a validation rule that only validates a value as a whole, not its parts. */
export const ruleForValueAsWhole = (rule: Rule): Rule =>
  ruleThatValidatesParts(
    rule.allowed,
    (value, path) => (rule.accepts(value) ? [] : [ruleViolationText(path, value, rule)]),
    rule.accepts,
  );

/**
 * Returns a validation rule for an object with any keys.
 * @param name rule for each key
 * @param rule rule for each value
 */
export const mapRule = (name: Rule, rule: Rule): Rule => {
  const allowed = `an object; each name: ${name.allowed}; each value: ${rule.allowed}`;
  const entryProblems = (path: string, key: string, value: unknown): readonly string[] =>
    name.accepts(key)
      ? problemsOfValue(joinOptionPath(path, key), value, rule)
      : [ruleViolationText(`the name of an entry in ${path}`, key, name)];
  return ruleThatValidatesParts(
    allowed,
    (value, path) =>
      isObjectNotList(value)
        ? Object.entries(value).flatMap(([key, held]) => entryProblems(path, key, held))
        : [ruleViolationText(path, value, { allowed })],
    (value) =>
      isObjectNotList(value) &&
      Object.entries(value).every(([key, held]) => name.accepts(key) && isValidValue(held, rule)),
  );
};

/**
 * Returns a validation rule for a union type. Each variant has a field that no other variant has.
 * @param kinds rule of each variant, by the field that only this variant has
 */
export const unionRule = (allowed: string, kinds: Readonly<Record<string, Rule>>): Rule => {
  const findRuleOfVariant = (value: unknown): Rule | undefined => {
    const [kind, ...more] = Object.keys(kinds).filter((option) => isObjectNotList(value) && option in value);
    return kind !== undefined && more.length === 0 ? kinds[kind] : undefined;
  };
  return ruleThatValidatesParts(
    allowed,
    (value, path) => {
      const rule = findRuleOfVariant(value);
      return rule ? problemsOfValue(path, value, rule) : [ruleViolationText(path, value, { allowed })];
    },
    (value) => {
      const rule = findRuleOfVariant(value);
      return rule !== undefined && isValidValue(value, rule);
    },
  );
};

/** Returns a validation rule that allows `false`, and objects that match `rule`. */
export const falseOrObjectRule = (rule: Rule): Rule => {
  const allowed = `false, or ${rule.allowed}`;
  return ruleThatValidatesParts(
    allowed,
    (value, path) => {
      if (value === false) return [];
      return isObjectNotList(value)
        ? problemsOfValue(path, value, rule)
        : [ruleViolationText(path, value, { allowed })];
    },
    (value) => value === false || (isObjectNotList(value) && isValidValue(value, rule)),
  );
};

/**
 * Returns a validation rule that combines two rules: a value must match both. The rule `further` is only checked if
 * the value matches `rule`.
 */
export const combineRulesWithAnd = (rule: Rule, further: Rule): Rule =>
  ruleThatValidatesParts(
    `${rule.allowed}; ${further.allowed}`,
    (value, path) => {
      const problems = problemsOfValue(path, value, rule);
      return problems.length ? problems : problemsOfValue(path, value, further);
    },
    (value) => isValidValue(value, rule) && isValidValue(value, further),
  );

/** Returns a validation rule for an object that has certain members, such as a construct of this library. */
export const objectWithAtLeastFieldsRule = (allowed: string, ...fields: readonly string[]): Rule => ({
  allowed,
  accepts: (value) =>
    isObjectNotList(value) && fields.every((field) => Reflect.get(value, field) !== undefined),
});
