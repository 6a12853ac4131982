import type { Construct } from 'constructs';
import { defined } from './defined';
import { type RuleTable, required, verifyOptions } from './structure-rules';
import type { Rule } from './validation';

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
interface DerivedOption<T, P> extends RequiredOption {
  readonly derive: (options: P, scope: Construct) => T | undefined;
}

type OptionOf<T, P> = undefined extends T
  ? DefaultOption<Exclude<T, undefined>> | DerivedOption<Exclude<T, undefined>, P>
  : RequiredOption & { readonly default?: never; readonly derive?: never };

/**
 * All that there is to know of the options of a construct, each declared once: what it may hold, and what counts where it is
 * left out. The compiler names options that have no entry, and entries that are no options:
 * `const OPTIONS = { ... } satisfies OptionTable<Props>`. `renamedFrom` is the name of before, by which it is refused.
 */
export type OptionTable<P> = { readonly [K in keyof P]-?: OptionOf<P[K], P> };

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
  readonly derive?: (options: object, scope: Construct) => unknown;
}

const entriesOf = (table: object): [string, AnyOption][] => Object.entries<AnyOption>({ ...table });

/** The rules of a table, by which an object is checked that has these options. */
export function rulesOf<P>(table: OptionTable<P>): RuleTable<P> {
  const rules = entriesOf(table).map(([name, { rule, renamedFrom, ...option }]) => {
    const named = renamedFrom === undefined ? rule : { ...rule, renamedFrom };
    return [name, 'default' in option || 'derive' in option ? named : required(named)];
  });
  return Object.fromEntries(rules) as RuleTable<P>;
}

/** The rules of some options of a table, as settings offer them. */
export function offered<P>(table: OptionTable<P>, names: readonly (keyof P)[]): RuleTable<Partial<P>> {
  const rules = rulesOf(table);
  return Object.fromEntries(names.map((name) => [name, rules[name]])) as RuleTable<Partial<P>>;
}

/** Options of several layers as one object: of each, what the first layer says that gives it. */
export const layered = <P extends object>(...layers: readonly (Partial<P> | undefined)[]): Partial<P> =>
  Object.assign({}, ...layers.toReversed().map(defined));

/** The defaults of options, none of which must be given. */
export const defaultsOf = <P extends object, T extends OptionTable<Partial<P>>>(table: T): Options<P, T> =>
  Object.fromEntries(entriesOf(table).map(([name, option]) => [name, option.default])) as Options<P, T>;

/** Options with the defaults of those that are left out; what is derived is left to `optionsOf`. */
export function withDefaults<P extends object, T extends OptionTable<P>>(
  table: T & OptionTable<P>,
  given: P,
): Options<P, T> {
  const filled = entriesOf(table).map(([name, option]) => [name, Reflect.get(given, name) ?? option.default]);
  return Object.fromEntries(filled) as Options<P, T>;
}

/**
 * Checks the options of a construct, and adds the defaults of those that are left out.
 *
 * @throws InvalidOptionError that names every option that breaks its rule, is missing, or is none of the table.
 */
export function optionsOf<P extends object, T extends OptionTable<P>>(
  scope: Construct,
  given: P,
  table: T & OptionTable<P>,
): Options<P, T> {
  verifyOptions<P>(scope, given, rulesOf<P>(table));
  const options: Options<P, T> & Record<string, unknown> = withDefaults<P, T>(table, given);
  for (const [name, { derive }] of entriesOf(table)) {
    if (derive && options[name] === undefined) Object.assign(options, { [name]: derive(options, scope) });
  }
  return options;
}
