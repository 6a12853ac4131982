import { duration } from './option-rules';
import { type Rule, validateOptions } from './validation';

/** Default and allowed values of an alert threshold. */
export interface Threshold<T> {
  /** Value of the threshold if the user sets none. */
  readonly default: T;
  /** Validation rule for a configured value. */
  readonly rule: Rule;
}

/** The thresholds of a group of alerts, by name. */
export type ThresholdTable<T> = { readonly [K in keyof T]-?: Threshold<T[K]> };

/** Defines a threshold with a number: the default, the smallest and the largest allowed number, and the unit. */
export const defineNumberThreshold = (
  from: number,
  to: number,
  byDefault: number,
  unit: string,
): Threshold<number> => ({
  default: byDefault,
  rule: {
    allowed: `a number from ${from} to ${to} (${unit})`,
    accepts: (value) => typeof value === 'number' && value >= from && value <= to,
  },
});

/** Returns a threshold that is a percentage. */
export const percentThreshold = (byDefault: number): Threshold<number> =>
  defineNumberThreshold(0.1, 100, byDefault, 'percent');

/** Returns a threshold that is a duration. */
export const durationThreshold = <D extends string>(byDefault: D): Threshold<D> => ({
  default: byDefault,
  rule: duration,
});

/**
 * Returns the thresholds with defaults applied.
 * @throws InvalidOptionError with the threshold, the given value and the allowed values.
 */
export function validateAndApplyThresholdDefaults<T extends object>(
  where: string,
  table: ThresholdTable<T>,
  given: Partial<T> = {},
): Required<T> {
  const entries = Object.entries(table) as [keyof T & string, Threshold<T[keyof T]>][];
  validateOptions(
    `rules of ${where}`,
    Object.fromEntries(
      entries.map(([name, { rule }]) => [`threshold ${name}`, [given[name], rule] as const]),
    ),
  );
  return Object.fromEntries(
    entries.map(([name, threshold]) => [name, given[name] ?? threshold.default]),
  ) as Required<T>;
}
