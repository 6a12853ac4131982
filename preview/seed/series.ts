import type { At } from './values';

export type Labels = Readonly<Record<string, string>>;

/** A series of the seeded fleet. */
export interface SeededSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly at: At;
  /** Period in seconds for which there are samples. @default - the period that dashboards show */
  readonly seconds?: number;
  /** Offset in seconds by which samples are earlier than the samples of other series. @default 0 */
  readonly earlier?: number;
  /** Periods without samples: start and end, in seconds before the end of the data. @default - no gaps */
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
