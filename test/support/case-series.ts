import { type AlertCase, inputSeries } from './rule-cases';
import { Sample, type Series } from './write-request';

/** Metrics whose value is a moment: the clock of promtool begins at zero. */
const MOMENTS = /(_time_seconds|_timestamp_seconds|_not_after|_earliest_cert_expiry)$/;

/** Metrics that only grow. */
const COUNTERS = /_(total|count|sum|bucket|kill)$/;

const MINUTE = 60;

/** How long counters have had their first value: to MetricsQL, a counter that begins with a small value grew by that value. */
const EARLIER = 25 * 3_600;

/** Between samples of that time. */
const SPARSE = 240;

/**
 * Series of a case as a store has them, a minute apart, in a cluster of their own.
 * @param begin time of the first sample in seconds since 1970
 */
export function caseSeries(one: AlertCase, cluster: string, begin: number, end: number): Series[] {
  return Object.entries(inputSeries(one)).map(([notation, text]) => {
    const labels = parseLabels(notation);
    const shift = MOMENTS.test(labels.__name__ ?? '') ? begin : 0;
    const values = parseValues(text).slice(0, Math.floor((end - begin) / MINUTE) + 1);
    const samples = values.flatMap((value, index) =>
      value === undefined ? [] : [new Sample((begin + index * MINUTE) * 1_000, value + shift)],
    );
    const before = COUNTERS.test(labels.__name__ ?? '') ? earlier(values[0], begin) : [];
    return { labels: { ...labels, ...(labels.cluster && { cluster }) }, samples: [...before, ...samples] };
  });
}

const earlier = (value: number | undefined, begin: number): Sample[] =>
  value === undefined
    ? []
    : Array.from(
        { length: EARLIER / SPARSE },
        (_, index) => new Sample((begin - EARLIER + index * SPARSE) * 1_000, value),
      );

function parseLabels(notation: string): Record<string, string> {
  const [, name = '', labels = ''] = /^([\w:]+)(?:\{(.*)\})?$/s.exec(notation) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label, value]);
  return { __name__: name, ...Object.fromEntries(pairs) };
}

/** @throws Error when it is none of promtool's `a`, `axN`, `a+bxN`, `a-bxN`, `_` and `_xN`. */
function parseValues(text: string): (number | undefined)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((part) => {
      const [, first, step = '0', times = '0'] =
        /^(_|-?[\d.]+(?:e[+-]?\d+)?)([+-][\d.]+(?:e[+-]?\d+)?)?(?:x(\d+))?$/.exec(part) ?? [];
      if (first === undefined) throw new Error(`"${part}" is no notation of promtool's that is known here`);
      if (first === '_') return new Array<undefined>(Math.max(1, Number(times))).fill(undefined);
      return Array.from({ length: Number(times) + 1 }, (_, index) => Number(first) + index * Number(step));
    });
}
