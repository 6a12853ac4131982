import type { Target } from './model';

export type Labels = Readonly<Record<string, string>>;

/** A series of a response. Times are in seconds since 1970. A missing value is null. */
export interface Series {
  readonly refId: string;
  readonly name: string;
  readonly labels: Labels;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** A log line. The time is in seconds since 1970. */
export interface Line {
  readonly time: number;
  readonly text: string;
  readonly labels: Labels;
}

/** The data of a response: of Prometheus, or of Loki. */
export type Answer =
  | { readonly resultType: 'scalar'; readonly result: readonly [number, string] }
  | { readonly resultType: 'vector' | 'matrix' | 'streams'; readonly result: readonly Answered[] };

/** A series or a log stream in a response. */
interface Answered {
  readonly metric?: Labels;
  readonly stream?: Labels;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number | string, string])[];
}

/** Returns the entries of a response. A scalar is one entry without labels. */
const answerEntries = (answer: Answer): readonly Answered[] =>
  answer.resultType === 'scalar' ? [{ value: answer.result }] : answer.result;

export function toSeries(target: Target, answer: Answer): Series[] {
  return [...answerEntries(answer)]
    .sort(compareByLabels)
    .map(({ metric = {}, value, values = value ? [value] : [] }) => ({
      refId: target.refId,
      name: seriesName(metric, target.legendFormat),
      labels: metric,
      times: values.map(([time]) => Number(time)),
      values: values.map(([, text]) => parseFigure(text)),
    }));
}

export function toLines(answer: Answer): Line[] {
  return answerEntries(answer)
    .flatMap(({ stream = {}, values = [] }) =>
      values.map(([time, text]) => ({ time: Number(time) / 1e9, text, labels: stream })),
    )
    .sort((one, other) => other.time - one.time || (one.text < other.text ? -1 : 1));
}

/** Compares entries by their labels, because a server returns the results of an instant query in any order. */
function compareByLabels(
  { metric: one = {} }: { readonly metric?: Labels },
  { metric: other = {} }: { readonly metric?: Labels },
): number {
  const sortKey = (labels: Labels) => Object.entries(labels).sort().join();
  return sortKey(one) < sortKey(other) ? -1 : 1;
}

function parseFigure(text: string): number | null {
  const value = Number(text.replace('Inf', 'Infinity'));
  return Number.isNaN(value) ? null : value;
}

/**
 * Returns the name of a series. With a legend such as `{{node}}`, replaces the labels in braces by their values;
 * otherwise returns the metric name and all labels as in PromQL.
 */
function seriesName(labels: Labels, legend?: string): string {
  if (legend && legend !== '__auto')
    return legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');
  const { __name__ = '', ...others } = labels;
  const inside = Object.entries(others).map(([name, value]) => `${name}="${value}"`);
  return `${__name__}${inside.length ? `{${inside.join(', ')}}` : ''}` || 'Value';
}

/**
 * Reduces the values of a series to one number by a calculation of Grafana. Returns null if there are no values.
 * @throws Error if the preview does not support the calculation
 */
export function reduceValues(values: readonly (number | null)[], calculation = 'lastNotNull'): number | null {
  const numbers = values.filter((value) => value !== null);
  const calculations: Readonly<Record<string, () => number | null | undefined>> = {
    last: () => values.at(-1),
    lastNotNull: () => numbers.at(-1),
    first: () => values[0],
    firstNotNull: () => numbers[0],
    min: () => Math.min(...numbers),
    max: () => Math.max(...numbers),
    sum: () => numbers.reduce((sum, value) => sum + value, 0),
    mean: () => numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
    count: () => values.length,
  };
  if (!numbers.length) return null;
  const calculate = calculations[calculation];
  if (!calculate) throw new Error(`the preview does not support the calculation "${calculation}"`);
  return calculate() ?? null;
}
