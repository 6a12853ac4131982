import type { At } from './values';

export type Labels = Readonly<Record<string, string>>;

/** A series of the seeded fleet. */
export interface SeededSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly at: At;
  /** How far back it goes, in seconds. @default - as far as dashboards look */
  readonly seconds?: number;
  /** How much earlier than others it is measured, in seconds. @default 0 */
  readonly earlier?: number;
  /** The spans, in seconds before the end, in which it has no samples. @default - none */
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
