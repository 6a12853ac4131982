import type { Target } from './model';

export type Labels = Readonly<Record<string, string>>;

/** A series of a response: times in seconds since 1970, and values; a missing value is null. */
export interface Series {
  readonly refId: string;
  readonly name: string;
  readonly labels: Labels;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** A line of a log. */
export interface Line {
  readonly time: number;
  readonly text: string;
  readonly labels: Labels;
}

/** A response of Prometheus, or of Loki to a metric query. */
export type Answer =
  | { readonly resultType: 'scalar'; readonly result: readonly [number, string] }
  | { readonly resultType: 'vector' | 'matrix' | 'streams'; readonly result: readonly Answered[] };

/** A series or a stream of a response. */
interface Answered {
  readonly metric?: Labels;
  readonly stream?: Labels;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number | string, string])[];
}

/** Returns the entries of a response; a scalar is one value without labels. */
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

/** A server returns the results of an instant query in any order. */
function compareByLabels(
  { metric: one = {} }: { readonly metric?: Labels },
  { metric: other = {} }: { readonly metric?: Labels },
): number {
  const text = (labels: Labels) => Object.entries(labels).sort().join();
  return text(one) < text(other) ? -1 : 1;
}

function parseFigure(text: string): number | null {
  const value = Number(text.replace('Inf', 'Infinity'));
  return Number.isNaN(value) ? null : value;
}

/** Returns the name of a series: the labels in a legend's braces, or all labels as in PromQL. */
function seriesName(labels: Labels, legend?: string): string {
  if (legend && legend !== '__auto')
    return legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => labels[label] ?? '');
  const { __name__ = '', ...others } = labels;
  const inside = Object.entries(others).map(([name, value]) => `${name}="${value}"`);
  return `${__name__}${inside.length ? `{${inside.join(', ')}}` : ''}` || 'Value';
}

/** Reduces a series to one number by one of Grafana's calculations. */
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
  if (!calculate) throw new Error(`the preview does not know the calculation "${calculation}"`);
  return calculate() ?? null;
}
