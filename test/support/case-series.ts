import { type AlertCase, inputSeries } from './rule-cases';
import { Sample, type Series } from './write-request';

/**
 * Metrics whose value is a time in seconds. The clock of promtool starts at 0, so these values are shifted to the time
 * of the test.
 */
const MOMENTS = /(_time_seconds|_timestamp_seconds|_not_after|_earliest_cert_expiry)$/;

/** Metrics that only increase. */
const COUNTERS = /_(total|count|sum|bucket|kill)$/;

const MINUTE = 60;

/**
 * Seconds for which counters have their first value before a case begins. Without these samples, MetricsQL would count
 * the first value as an increase.
 */
const EARLIER = 25 * 3_600;

/** Interval in seconds between the samples before a case begins. */
const SPARSE = 240;

/**
 * Returns the series of a case with a sample per minute.
 * @param one case with series in the notation of promtool
 * @param cluster value of the label `cluster`, which separates cases in a store
 * @param begin time of the first sample in seconds since 1970
 * @param end time of the last sample in seconds since 1970
 */
export function caseSeries(one: AlertCase, cluster: string, begin: number, end: number): Series[] {
  return Object.entries(inputSeries(one)).map(([notation, text]) => {
    const labels = parseLabels(notation);
    const shift = MOMENTS.test(labels.__name__ ?? '') ? begin : 0;
    const values = parseValues(text).slice(0, Math.floor((end - begin) / MINUTE) + 1);
    const samples = values.flatMap((value, index) =>
      value === undefined ? [] : [new Sample((begin + index * MINUTE) * 1_000, value + shift)],
    );
    const before = COUNTERS.test(labels.__name__ ?? '') ? earlierSamples(values[0], begin) : [];
    return { labels: { ...labels, ...(labels.cluster && { cluster }) }, samples: [...before, ...samples] };
  });
}

const earlierSamples = (value: number | undefined, begin: number): Sample[] =>
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

/**
 * Parses values in the notation of promtool. `undefined` stands for a missing sample.
 * @throws Error if the notation is not `a`, `axN`, `a+bxN`, `a-bxN`, `_` or `_xN`
 */
function parseValues(text: string): (number | undefined)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((part) => {
      const [, first, step = '0', times = '0'] =
        /^(_|-?[\d.]+(?:e[+-]?\d+)?)([+-][\d.]+(?:e[+-]?\d+)?)?(?:x(\d+))?$/.exec(part) ?? [];
      if (first === undefined)
        throw new Error(
          `"${part}" is not a supported notation of promtool; allowed: a, axN, a+bxN, a-bxN, _ and _xN`,
        );
      if (first === '_') return new Array<undefined>(Math.max(1, Number(times))).fill(undefined);
      return Array.from({ length: Number(times) + 1 }, (_, index) => Number(first) + index * Number(step));
    });
}
