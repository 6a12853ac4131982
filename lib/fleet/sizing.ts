import type { Fleet } from './fleet';

/**
 * What a component needs for a fleet. Its folder exports one of these, with the coefficients that it is worked out by and
 * the benchmark of each.
 *
 * @typeParam P its entry in a plan: sizes in bytes, processors in cores
 */
export interface Sizing<P extends object> {
  /** Its entry in the plan for a fleet that was verified. */
  needs(fleet: Fleet): P;
  /** Lines of the plan, each with a label and a figure in words. */
  rows(plan: P, fleet: Fleet): readonly (readonly [label: string, figure: string])[];
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
