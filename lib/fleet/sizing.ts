import type { Fleet } from './fleet';

/** Properties of the settings that the sizes of components depend on, in addition to the fleet. */
export interface SizingContext {
  /** Whether each node group has its own user. If true, each group has its own limits. */
  readonly usersByGroup: boolean;
  /** Maximum number of series that business services push to their Pushgateway. */
  readonly seriesOfServices: number;
}

/**
 * Computes the resources and options of a component for a fleet. The folder of each component exports one object of
 * this type. The file with the object also contains the coefficients, and names the benchmarks that measured them.
 * @typeParam P planned resources of the component: sizes in bytes, CPU in cores
 * @typeParam S options of the component's construct that follow from the plan; settings override them
 */
export interface Sizing<P extends object, S extends object = object> {
  /** Returns the planned resources of the component. The fleet must be valid. */
  needs(fleet: Fleet): P;
  /** Returns the component's rows in the printed plan, each with a label and a formatted figure. */
  rows(plan: P, fleet: Fleet): readonly (readonly [label: string, figure: string])[];
  /** Returns the options of the component's construct that follow from the plan. */
  sizes(plan: P, context: SizingContext): S;
}

/** Rounds a number up, and formats it with commas, such as `12,500`. */
export const formatNumber = (value: number): string => Math.ceil(value).toLocaleString('en');

/** Formats a number of bytes with a suitable unit, such as `1.5Gi`. */
export function formatBytes(amount: number): string {
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = amount < 1 ? 0 : Math.min(Math.floor(Math.log2(amount) / 10), units.length - 1);
  const value = amount / 2 ** (10 * power);
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)}${units[power]}`;
}
