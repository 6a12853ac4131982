export type Labels = Readonly<Record<string, string>>;

/** Series of a response, with values by time. */
export type Answer = readonly {
  readonly labels: Labels;
  readonly values: ReadonlyMap<number, number>;
}[];

/** Maximum difference between two values: relative to the larger value, or absolute. */
export type Tolerance = { readonly relative: number } | { readonly absolute: number };

/** Differences between two responses to a query. */
export interface Comparison {
  /** Number of points that are in at least one of the responses. */
  readonly points: number;
  /** Points that are only in the first response. */
  readonly missing: readonly string[];
  /** Points that are only in the second response. */
  readonly additional: readonly string[];
  /** Points whose values differ by more than the tolerance. */
  readonly different: readonly string[];
}

/**
 * Compares two responses point by point. Metric names are ignored, because MetricsQL keeps them in the results of some
 * functions, and alerts, recorded series and legends do not read them.
 */
export const compareSeries = (one: Answer, other: Answer, tolerance: Tolerance): Comparison =>
  comparePoints(pointsBySeries(one), pointsBySeries(other), tolerance);

/**
 * Compares the values of two responses at each time, in descending order. Ignores the series to which the values
 * belong.
 */
export const compareValues = (one: Answer, other: Answer, tolerance: Tolerance): Comparison =>
  comparePoints(pointsByRank(one), pointsByRank(other), tolerance);

/** Returns the labels of all series in a response as sorted texts. */
export const listSeries = (answer: Answer): string[] =>
  [...new Set(answer.map(({ labels }) => formatLabels(labels)))].sort();

type Points = ReadonlyMap<string, number>;

function comparePoints(one: Points, other: Points, tolerance: Tolerance): Comparison {
  const found = { missing: [] as string[], additional: [] as string[], different: [] as string[] };
  const all = new Set([...one.keys(), ...other.keys()]);
  for (const point of all) {
    const [a, b] = [one.get(point), other.get(point)];
    if (b === undefined) found.missing.push(`${point} ${a}`);
    else if (a === undefined) found.additional.push(`${point} ${b}`);
    else if (!areClose(a, b, tolerance)) found.different.push(`${point} ${a}, ${b}`);
  }
  return { points: all.size, ...found };
}

function areClose(a: number, b: number, tolerance: Tolerance): boolean {
  const most =
    'relative' in tolerance ? tolerance.relative * Math.max(Math.abs(a), Math.abs(b)) : tolerance.absolute;
  return Object.is(a, b) || Math.abs(a - b) <= most;
}

const pointsBySeries = (answer: Answer): Points =>
  new Map(
    answer.flatMap(({ labels, values }) => {
      const series = formatLabels(labels);
      return [...values].map(([time, value]) => [`${series}@${time}`, value] as const);
    }),
  );

/** Returns the values by time and by rank among the values at this time. */
function pointsByRank(answer: Answer): Points {
  const byTime = new Map<number, number[]>();
  for (const [time, value] of answer.flatMap(({ values }) => [...values])) {
    byTime.set(time, [...(byTime.get(time) ?? []), value]);
  }
  return new Map(
    [...byTime].flatMap(([time, values]) =>
      values.sort((a, b) => b - a).map((value, rank) => [`${rank}@${time}`, value] as const),
    ),
  );
}

const formatLabels = ({ __name__: _, ...labels }: Labels): string =>
  `{${Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')}}`;
