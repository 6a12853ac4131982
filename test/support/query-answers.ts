export type Labels = Readonly<Record<string, string>>;

/** Series of an answer, with their values by time. */
export type Answer = readonly {
  readonly labels: Labels;
  readonly values: ReadonlyMap<number, number>;
}[];

/** How far apart two values may be: by a part of the larger one, or by a number. */
export type Tolerance = { readonly relative: number } | { readonly absolute: number };

/** How two answers to one query differ. */
export interface Comparison {
  /** Number of points of either. */
  readonly points: number;
  /** Points of the first alone. */
  readonly missing: readonly string[];
  /** Points of the second alone. */
  readonly additional: readonly string[];
  /** Points whose values are further apart than is tolerated. */
  readonly different: readonly string[];
}

/**
 * Compares two answers point by point. The name of a metric is left out: MetricsQL keeps it in the results of some functions, and
 * alerts, recorded series and legends do not read it.
 */
export const compare = (one: Answer, other: Answer, tolerance: Tolerance): Comparison =>
  comparePoints(pointsBySeries(one), pointsBySeries(other), tolerance);

/** Compares the values at each time, and not whose they are. */
export const compareValues = (one: Answer, other: Answer, tolerance: Tolerance): Comparison =>
  comparePoints(pointsByRank(one), pointsByRank(other), tolerance);

/** Labels of the series of an answer. */
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

/** Values by time and rank. */
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
