import type { Fleet } from './fleet';

/** Settings, other than the fleet, that the sizes of components depend on. */
export interface SizingContext {
  /** Whether each node group has a user, so that each group has separate limits. */
  readonly usersByGroup: boolean;
  /** Maximum number of series that business services push. */
  readonly seriesOfServices: number;
}

/**
 * Computes the size of a component for a fleet. The folder of the component exports one object of this type,
 * together with its coefficients and the benchmarks that measured them.
 * @typeParam P planned resources of the component: sizes in bytes, CPU in cores
 * @typeParam S options of the component's construct that follow from the plan; settings override them
 */
export interface Sizing<P extends object, S extends object = object> {
  /** Returns the planned resources of the component. The fleet must be valid. */
  needs(fleet: Fleet): P;
  /** Returns the component's rows in the printed plan. */
  rows(plan: P, fleet: Fleet): readonly (readonly [label: string, figure: string])[];
  /** Returns options of the component's construct that follow from the plan. */
  sizes(plan: P, context: SizingContext): S;
}

/** Formats a number with commas, such as `12,500`. Fractions are rounded up. */
export const formatCount = (value: number): string => Math.ceil(value).toLocaleString('en');

/** Formats a number of bytes with a suitable unit, such as `1.5Gi`. */
export function formatSize(amount: number): string {
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = amount < 1 ? 0 : Math.min(Math.floor(Math.log2(amount) / 10), units.length - 1);
  const value = amount / 2 ** (10 * power);
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)}${units[power]}`;
}
