import type { Fleet } from './fleet';

/** What settings say beside the fleet, as far as sizes depend on it. */
export interface SizingContext {
  /** Whether the users that push are those of groups, so that each group has limits of its own. */
  readonly usersByGroup: boolean;
  /** Most series that business services push. */
  readonly seriesOfServices: number;
}

/**
 * What a component needs for a fleet. Its folder exports one of these, with the coefficients that it is worked out by and
 * the benchmark of each.
 *
 * @typeParam P its entry in a plan: sizes in bytes, processors in cores
 * @typeParam S its entry among the sizes: options of its construct, which settings go before
 */
export interface Sizing<P extends object, S extends object = object> {
  /** Its entry in the plan for a fleet that was verified. */
  needs(fleet: Fleet): P;
  /** Lines of the plan, each with a label and a figure in words. */
  rows(plan: P, fleet: Fleet): readonly (readonly [label: string, figure: string])[];
  /** Options of its construct for that plan. */
  sizes(plan: P, context: SizingContext): S;
}

/** A number with a comma between thousands. */
export const count = (value: number): string => Math.ceil(value).toLocaleString('en');

/** Bytes in the unit that suits them. */
export function size(amount: number): string {
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = amount < 1 ? 0 : Math.min(Math.floor(Math.log2(amount) / 10), units.length - 1);
  const value = amount / 2 ** (10 * power);
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)}${units[power]}`;
}
