// Converts the data points of an OTLP metric to Prometheus samples, for each type of metric.
import { readDoubles, readFixed64s } from './otlp-message.mjs';

/**
 * @typedef {import('./otlp-message.mjs').Message} Message
 * @typedef {readonly [suffix: string, labels: string[], value: number]} Sample suffix of the metric's name, additional labels
 * @typedef {object} Kind
 * @property {number} field number of the field in `Metric` that contains data of this type
 * @property {number} attributes number of the field in a data point that contains the attributes
 * @property {number} flags number of the field in a data point that contains the flags
 * @property {boolean} [isGauge]
 * @property {boolean} [hasTemporality]
 * @property {(point: Message, read: (content: Uint8Array) => Message) => Sample[]} samples
 */

/** Supported types of metrics: gauge, sum, histogram, summary. @type {readonly Kind[]} */
export const KINDS = [
  { field: 5, attributes: 7, flags: 8, isGauge: true, samples: samplesOfNumberPoint },
  { field: 7, attributes: 7, flags: 8, hasTemporality: true, samples: samplesOfNumberPoint },
  { field: 9, attributes: 9, flags: 10, hasTemporality: true, samples: samplesOfHistogramPoint },
  { field: 11, attributes: 7, flags: 8, samples: samplesOfSummaryPoint },
];

/** Returns the sample of a gauge's or sum's data point. @param {Message} point @returns {Sample[]} */
function samplesOfNumberPoint(point) {
  return [['', [], point.hasField(4) ? point.getDouble(4) : point.getSfixed64(6)]];
}

/** Returns the buckets, the sum and the count of a histogram's data point. @param {Message} point @returns {Sample[]} */
function samplesOfHistogramPoint(point) {
  const bounds = readDoubles(point.getRepeatedBytes(7));
  let count = 0;
  /** Samples of the buckets, with cumulative counts. @type {Sample[]} */
  const buckets = readFixed64s(point.getRepeatedBytes(6)).map((inBucket, at) => {
    count += inBucket;
    return ['_bucket', [`le="${at < bounds.length ? renderNumber(bounds[at] ?? 0) : '+Inf'}"`], count];
  });
  if (point.hasField(5)) buckets.push(['_sum', [], point.getDouble(5)]);
  return [...buckets, ['_count', [], point.getFixed64(4)]];
}

/** Returns the quantiles, the sum and the count of a summary's data point. @param {Message} point @param {(content: Uint8Array) => Message} read @returns {Sample[]} */
function samplesOfSummaryPoint(point, read) {
  /** Samples of the quantiles. @type {Sample[]} */
  const quantiles = point.getRepeatedBytes(6).map((content) => {
    const at = read(content);
    return ['', [`quantile="${renderNumber(at.getDouble(1))}"`], at.getDouble(2)];
  });
  return [...quantiles, ['_sum', [], point.getDouble(5)], ['_count', [], point.getFixed64(4)]];
}

/** Renders a number in Prometheus's text format. @param {number} value */
export const renderNumber = (value) =>
  Number.isFinite(value) ? `${value}` : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
