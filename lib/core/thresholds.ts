import { duration } from './option-rules';
import { type Rule, verify } from './validation';

/** The default of a threshold, and its allowed values. */
export interface Threshold<T> {
  readonly default: T;
  readonly rule: Rule;
}

/** Every threshold of a set of rules. */
export type ThresholdTable<T> = { readonly [K in keyof T]-?: Threshold<T[K]> };

/** A number in a range, with its unit in words. */
export const between = (from: number, to: number, byDefault: number, unit: string): Threshold<number> => ({
  default: byDefault,
  rule: {
    allowed: `${unit}, a number from ${from} to ${to}`,
    accepts: (value) => typeof value === 'number' && value >= from && value <= to,
  },
});

/** A share of a whole, of which neither nothing nor more than all makes sense. */
export const percent = (byDefault: number): Threshold<number> => between(0.1, 100, byDefault, 'a percentage');

/** A length of time. */
export const lasting = <D extends string>(byDefault: D): Threshold<D> => ({
  default: byDefault,
  rule: duration,
});

/**
 * The thresholds that count: those given, and the defaults of the rest.
 *
 * @throws InvalidOptionError that names the rules, the threshold, what was given and what is allowed.
 */
export function thresholds<T extends object>(
  where: string,
  table: ThresholdTable<T>,
  given: Partial<T> = {},
): Required<T> {
  const entries = Object.entries(table) as [keyof T & string, Threshold<T[keyof T]>][];
  verify(
    `rules of ${where}`,
    Object.fromEntries(
      entries.map(([name, { rule }]) => [`threshold ${name}`, [given[name], rule] as const]),
    ),
  );
  return Object.fromEntries(
    entries.map(([name, threshold]) => [name, given[name] ?? threshold.default]),
  ) as Required<T>;
}
