import type { Fleet } from './fleet';

/** Settings, other than the fleet, that sizes depend on. */
export interface SizingContext {
  /** Whether users belong to groups, so that each group has limits of its own. */
  readonly usersByGroup: boolean;
  /** Maximum number of series that business services push. */
  readonly seriesOfServices: number;
}

/**
 * Computes the size of a component for a fleet. The component's folder exports one of these, with its
 * coefficients and their benchmarks.
 * @typeParam P planned resources of the component: sizes in bytes, CPU in cores
 * @typeParam S its part of the sizes: options of its construct, which settings override
 */
export interface Sizing<P extends object, S extends object = object> {
  /** Returns the component's planned resources. The fleet must have been checked. */
  needs(fleet: Fleet): P;
  /** Returns the component's rows of the printed plan. */
  rows(plan: P, fleet: Fleet): readonly (readonly [label: string, figure: string])[];
  /** Returns options of the component's construct for the plan. */
  sizes(plan: P, context: SizingContext): S;
}

/** Formats a number with commas between thousands. */
export const formatCount = (value: number): string => Math.ceil(value).toLocaleString('en');

/** Formats bytes in a suitable unit. */
export function formatSize(amount: number): string {
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = amount < 1 ? 0 : Math.min(Math.floor(Math.log2(amount) / 10), units.length - 1);
  const value = amount / 2 ** (10 * power);
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)}${units[power]}`;
}
