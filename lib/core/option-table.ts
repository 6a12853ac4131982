import type { Construct } from 'constructs';
import { omitUndefined } from './defined';
import { markRuleAsRequired, objectRule, type RuleTable } from './structure-rules';
import { optionError, problemsOfValue, type Rule } from './validation';

/** A required option. */
interface RequiredOption {
  readonly rule: Rule;
  readonly renamedFrom?: string;
}

/** An option that is not required, with a fixed default. The default `undefined` means that there is no default. */
interface DefaultOption<T> extends RequiredOption {
  readonly default: T | undefined;
}

/**
 * An option that is not required. The default is derived from other options, after their fixed defaults are applied,
 * or from the scope of the construct.
 */
interface DerivedOption<T, P, W> extends RequiredOption {
  readonly derive: (options: P, where: W) => T | undefined;
}

type OptionOf<T, P, W> = undefined extends T
  ? DefaultOption<Exclude<T, undefined>> | DerivedOption<Exclude<T, undefined>, P, W>
  : RequiredOption & { readonly default?: never; readonly derive?: never };

/**
 * The validation rules and defaults of all options of a construct or function, or of all fields of an object, by
 * name.
 *
 * `const OPTIONS = { ... } satisfies OptionTable<Props>` makes the compiler report options without an entry, and
 * entries without an option. `renamedFrom` is the former name of an option: using it is an error that contains the
 * new name. A union type has a table for each variant.
 * @typeParam W owner of the options: a construct, or the name of a function. Options of a function cannot be derived
 * from a scope
 */
export type OptionTable<P, W extends Construct | string = Construct> = {
  readonly [K in keyof P]-?: OptionOf<P[K], P, W>;
};

/** Type of the options of a function that has no options, such as `singleBinary()`. */
export type NoOptions = Readonly<Record<string, never>>;

/** Option table of a function without options. */
export const NO_OPTIONS = {} satisfies OptionTable<NoOptions>;

type DefaultOf<O> = O extends { readonly derive: (...args: never[]) => infer D }
  ? D
  : O extends { readonly default: infer D }
    ? D
    : never;

/** Options with defaults applied. An option that has a default is never undefined. */
export type Options<P, T> = {
  readonly [K in keyof Required<P>]: K extends keyof T
    ? undefined extends DefaultOf<T[K]>
      ? P[K]
      : Exclude<P[K], undefined>
    : never;
};

interface AnyOption extends RequiredOption {
  readonly default?: unknown;
  readonly derive?: (options: object, where: Construct | string) => unknown;
}

/** Returns the options of a table by name. The list is cached, because a synthesis needs it thousands of times. */
function optionEntriesOfTable(table: object): readonly (readonly [string, AnyOption])[] {
  const known = entriesByTable.get(table);
  if (known) return known;
  const entries = Object.entries<AnyOption>({ ...table });
  entriesByTable.set(table, entries);
  return entries;
}

const entriesByTable = new WeakMap<object, readonly (readonly [string, AnyOption])[]>();

/** Returns a validation rule for an object that only contains the options of a table. */
export function optionsRule<P>(table: OptionTable<P, never>): Rule {
  const known = rulesByTable.get(table);
  if (known) return known;
  const rule = objectRule<P>(optionRulesOfTable(table));
  rulesByTable.set(table, rule);
  return rule;
}

/** Cache with the rule of each table. Most tables are used for many constructs. */
const rulesByTable = new WeakMap<object, Rule>();

function optionRulesOfTable<P>(table: OptionTable<P, never>): RuleTable<P> {
  const rules = optionEntriesOfTable(table).map(([name, { rule, renamedFrom, ...option }]) => {
    const named = renamedFrom === undefined ? rule : { ...rule, renamedFrom };
    return [name, 'default' in option || 'derive' in option ? named : markRuleAsRequired(named)];
  });
  return Object.fromEntries(rules) as RuleTable<P>;
}

/** Returns a copy of an object that only contains the entries in `names`. */
export const pickOptions = <T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;

/**
 * Returns a validation rule for an object that only contains the options in `names`. Settings use the rule for
 * options that they forward to a construct.
 */
export function optionSubsetRule<P>(table: OptionTable<P, never>, names: readonly (keyof P)[]): Rule {
  const rules = optionRulesOfTable(table);
  return objectRule(Object.fromEntries(names.map((name) => [name, rules[name]])) as RuleTable<Partial<P>>);
}

/** Returns a validation rule for an object that only contains options of a table, but not the options in `without`. */
export const optionsRuleExcept = <P>(table: OptionTable<P, never>, ...without: readonly (keyof P)[]): Rule =>
  optionSubsetRule(
    table,
    (Object.keys(table) as (keyof P)[]).filter((name) => !without.includes(name)),
  );

/** Merges several layers of options. For each option, the first layer that sets it takes precedence. */
export const mergeOptionsPreferringFirst = <P extends object>(
  ...layers: readonly (Partial<P> | undefined)[]
): Partial<P> => Object.assign({}, ...layers.toReversed().map(omitUndefined));

/**
 * Returns the fixed defaults of a table in which all options are optional. An option with a derived default is
 * `undefined`.
 */
export const fixedDefaultsOf = <P extends object, T extends OptionTable<Partial<P>>>(
  table: T,
): Options<P, T> =>
  Object.fromEntries(optionEntriesOfTable(table).map(([name, option]) => [name, option.default])) as Options<
    P,
    T
  >;

/** Returns the options with fixed defaults applied. Derived defaults are not applied. */
export function withFixedDefaults<P extends object, T extends OptionTable<P, never>>(
  table: T & OptionTable<P, never>,
  given: P,
): Options<P, T> {
  const options: Record<string, unknown> = {};
  for (const [name, option] of optionEntriesOfTable(table))
    options[name] = Reflect.get(given, name) ?? option.default;
  return options as Options<P, T>;
}

/**
 * Validates the options of a construct or function, and returns them with defaults applied.
 * @param where the construct, or the name of the function
 * @throws InvalidOptionError that lists every option that is invalid, missing or unknown.
 */
export function validateAndApplyDefaults<
  P extends object,
  T extends OptionTable<P, W>,
  W extends Construct | string,
>(where: W, given: P, table: T & OptionTable<P, W>): Options<P, T> {
  const problems = problemsOfValue('', given, optionsRule<P>(table));
  if (problems.length) throw optionError(where, problems.join('; '));
  return withAllDefaults<P, T, W>(where, given, table);
}

/** Returns options with fixed and derived defaults applied. The options must already be validated. */
export function withAllDefaults<P extends object, T extends OptionTable<P, W>, W extends Construct | string>(
  where: W,
  given: P,
  table: T & OptionTable<P, W>,
): Options<P, T> {
  const options: Options<P, T> & Record<string, unknown> = withFixedDefaults<P, T>(table, given);
  for (const [name, { derive }] of optionEntriesOfTable(table)) {
    if (derive && options[name] === undefined) Object.assign(options, { [name]: derive(options, where) });
  }
  return options;
}
