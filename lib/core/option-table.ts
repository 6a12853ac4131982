import type { Construct } from 'constructs';
import { defined } from './defined';
import { options, type RuleTable, required } from './structure-rules';
import { invalid, problemsOf, type Rule } from './validation';

/** An option that must be given. */
interface RequiredOption {
  readonly rule: Rule;
  readonly renamedFrom?: string;
}

/** An option that may be left out: `default` counts then; undefined, where nothing does. */
interface DefaultOption<T> extends RequiredOption {
  readonly default: T | undefined;
}

/** An option that may be left out: what counts then follows from other options, which have their defaults, or from where the construct is. */
interface DerivedOption<T, P, W> extends RequiredOption {
  readonly derive: (options: P, where: W) => T | undefined;
}

type OptionOf<T, P, W> = undefined extends T
  ? DefaultOption<Exclude<T, undefined>> | DerivedOption<Exclude<T, undefined>, P, W>
  : RequiredOption & { readonly default?: never; readonly derive?: never };

/**
 * The options of a construct or a function, or the fields of an option that is an object: of each, the rule and the default.
 * The compiler names options that have no entry, and entries that are no options:
 * `const OPTIONS = { ... } satisfies OptionTable<Props>`. `renamedFrom` is the former name of an option, by which it is refused.
 * A union has a table for each of its variants.
 *
 * @typeParam W where the options are given: a construct, or the name of a function, whose options cannot be derived from a scope
 */
export type OptionTable<P, W extends Construct | string = Construct> = {
  readonly [K in keyof P]-?: OptionOf<P[K], P, W>;
};

/** Options of what has none. */
export type NoOptions = Readonly<Record<string, never>>;

/** The options of what has none. */
export const NO_OPTIONS = {} satisfies OptionTable<NoOptions>;

type DefaultOf<O> = O extends { readonly derive: (...args: never[]) => infer D }
  ? D
  : O extends { readonly default: infer D }
    ? D
    : never;

/** The options of a construct with their defaults: what `OPTIONS` gives a default is never undefined. */
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

const entriesOf = (table: object): [string, AnyOption][] => Object.entries<AnyOption>({ ...table });

/** The rule of an object that has the options of a table, and no others. */
export function optionsRule<P>(table: OptionTable<P, never>): Rule {
  const known = compiled.get(table);
  if (known) return known;
  const rule = options<P>(rulesOf(table));
  compiled.set(table, rule);
  return rule;
}

/** The rule of each table: most tables check many constructs. */
const compiled = new WeakMap<object, Rule>();

function rulesOf<P>(table: OptionTable<P, never>): RuleTable<P> {
  const rules = entriesOf(table).map(([name, { rule, renamedFrom, ...option }]) => {
    const named = renamedFrom === undefined ? rule : { ...rule, renamedFrom };
    return [name, 'default' in option || 'derive' in option ? named : required(named)];
  });
  return Object.fromEntries(rules) as RuleTable<P>;
}

/** Some options, of a table or of what was given. */
export const picked = <T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;

/** The rule of an object that has some options of a table, which settings or another construct pass on as they are. */
export function offered<P>(table: OptionTable<P, never>, names: readonly (keyof P)[]): Rule {
  const rules = rulesOf(table);
  return options(Object.fromEntries(names.map((name) => [name, rules[name]])) as RuleTable<Partial<P>>);
}

/** The same of all options but some, which are given otherwise. */
export const offeredBut = <P>(table: OptionTable<P, never>, ...without: readonly (keyof P)[]): Rule =>
  offered(
    table,
    (Object.keys(table) as (keyof P)[]).filter((name) => !without.includes(name)),
  );

/** Options of several layers as one object: of each, what the first layer says that gives it. */
export const layered = <P extends object>(...layers: readonly (Partial<P> | undefined)[]): Partial<P> =>
  Object.assign({}, ...layers.toReversed().map(defined));

/** The defaults of options, none of which must be given. */
export const defaultsOf = <P extends object, T extends OptionTable<Partial<P>>>(table: T): Options<P, T> =>
  Object.fromEntries(entriesOf(table).map(([name, option]) => [name, option.default])) as Options<P, T>;

/** Options with the defaults of those that are left out; what is derived is not among them. */
export function withDefaults<P extends object, T extends OptionTable<P, never>>(
  table: T & OptionTable<P, never>,
  given: P,
): Options<P, T> {
  const filled = entriesOf(table).map(([name, option]) => [name, Reflect.get(given, name) ?? option.default]);
  return Object.fromEntries(filled) as Options<P, T>;
}

/**
 * Checks the options of a construct or a function, and adds the defaults of those that are left out.
 *
 * @param where the construct, or the name of the function
 * @throws InvalidOptionError that names every option that breaks its rule, is missing, or is none of the table.
 */
export function optionsOf<P extends object, T extends OptionTable<P, W>, W extends Construct | string>(
  where: W,
  given: P,
  table: T & OptionTable<P, W>,
): Options<P, T> {
  const problems = problemsOf('', given, optionsRule<P>(table));
  if (problems.length) throw invalid(where, problems.join('; '));
  return withDerived<P, T, W>(where, given, table);
}

/** Options that were checked, with the defaults of those that are left out and with what is derived. */
export function withDerived<P extends object, T extends OptionTable<P, W>, W extends Construct | string>(
  where: W,
  given: P,
  table: T & OptionTable<P, W>,
): Options<P, T> {
  const options: Options<P, T> & Record<string, unknown> = withDefaults<P, T>(table, given);
  for (const [name, { derive }] of entriesOf(table)) {
    if (derive && options[name] === undefined) Object.assign(options, { [name]: derive(options, where) });
  }
  return options;
}
