import type { At } from './values';

export type Labels = Readonly<Record<string, string>>;

/** A series of the seeded fleet. */
export interface SeededSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly at: At;
  /** Period in seconds. @default - as far as dashboards look */
  readonly seconds?: number;
  /** Offset in seconds by which it is measured before others. @default 0 */
  readonly earlier?: number;
  /** Periods without samples, in seconds before the end. @default - none */
  readonly gaps?: readonly (readonly [from: number, to: number])[];
}

export const seededSeries = (
  name: string,
  labels: Labels,
  at: At,
  more: Partial<SeededSeries> = {},
): SeededSeries => ({
  name,
  labels,
  at,
  ...more,
});
