// Parses a remote-write request (protocol 1.0) as far as the write filter needs it: series, their nodes, and
// timestamps. https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
import { encodeVarint, Fields } from '../../../programs/protobuf.mjs';

/** Protobuf tag of a series in a request. */
const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const HISTOGRAM = (4 << 3) | 2;
const SAMPLE_TIME = 2 << 3;
const HISTOGRAM_TIME = 15 << 3;

/**
 * One series, and one of its samples.
 * @typedef {{ bytes: Buffer, node: string, group: string, samples: Sample[] }} Series encoded series, its labels `node`
 * and `group`, and its samples
 * @typedef {{ start: number, end: number, time: number }} Sample position of a sample in the encoded series, and its
 * timestamp in milliseconds
 */

/**
 * Parses the series of a request. Metadata is ignored.
 * @param {Buffer} request uncompressed request
 * @returns {Series[]} all series
 */
export function parseAllSeries(request) {
  /** All series of the request. @type {Series[]} */
  const all = [];
  for (const field = new Fields(request, 0, request.length); field.readNextField(); ) {
    if (field.tag === SERIES) all.push(parseOneSeries(request.subarray(field.start, field.end)));
  }
  return all;
}

/**
 * Encodes series as a request of remote write 1.0.
 * @param {readonly { bytes: Buffer }[]} series encoded series
 * @returns {Buffer} uncompressed request
 */
export function encodeWriteRequest(series) {
  const tag = Buffer.from([SERIES]);
  return Buffer.concat(series.flatMap(({ bytes }) => [tag, encodeVarint(bytes.length), bytes]));
}

/**
 * Returns a series with only the samples that satisfy a condition.
 * @param {Series} series series to filter
 * @param {(sample: Sample) => boolean} wanted returns whether to keep a sample
 * @returns {Series} the filtered series; the same object if all samples are kept
 */
export function filterSamples(series, wanted) {
  const unwanted = series.samples.filter((sample) => !wanted(sample));
  if (unwanted.length === 0) return series;
  const { bytes } = series;
  const parts = [];
  let at = 0;
  for (const { start, end } of unwanted) {
    parts.push(bytes.subarray(at, start));
    at = end;
  }
  return parseOneSeries(Buffer.concat([...parts, bytes.subarray(at)]));
}

/**
 * Removes the samples whose timestamps the store would not accept.
 * @param {Series} series series to filter
 * @param {{ oldest: number, newest: number }} limits oldest and newest timestamp that the store accepts, in
 * milliseconds
 * @param {(series: Series, reason: string, samples: number) => void} drop called once for each reason, with the number
 * of removed samples, which can be 0
 * @returns {Series[]} list with the filtered series; an empty list if no sample is left
 */
export function filterSamplesByTimeRange(series, { oldest, newest }, drop) {
  drop(series, 'too_old', series.samples.filter(({ time }) => time < oldest).length);
  drop(series, 'too_far_ahead', series.samples.filter(({ time }) => time > newest).length);
  const kept = filterSamples(series, ({ time }) => time >= oldest && time <= newest);
  return kept.samples.length > 0 ? [kept] : [];
}

/**
 * Parses one series: the labels `node` and `group`, and the positions and timestamps of the samples.
 * @param {Buffer} bytes encoded series
 * @returns {Series} parsed series
 */
function parseOneSeries(bytes) {
  const series = { bytes, node: '', group: '', samples: /** @type {Sample[]} */ ([]) };
  for (const field = new Fields(bytes, 0, bytes.length); field.readNextField(); ) {
    const { tag, from, start, end } = field;
    if (tag === LABEL) setNodeOrGroupFromLabel(bytes, start, end, series);
    else if (tag === SAMPLE)
      series.samples.push({ start: from, end, time: readTimestamp(bytes, start, end, SAMPLE_TIME) });
    else if (tag === HISTOGRAM)
      series.samples.push({ start: from, end, time: readTimestamp(bytes, start, end, HISTOGRAM_TIME) });
  }
  return series;
}

/**
 * Reads a label. If the label is `node` or `group`, writes its value to the field `node` or `group` of `series`.
 * @param {Buffer} bytes encoded series
 * @param {number} start position of the label
 * @param {number} end position after the label
 * @param {{ node: string, group: string }} series object to fill
 */
function setNodeOrGroupFromLabel(bytes, start, end, series) {
  const field = new Fields(bytes, start, end);
  if (!field.readNextField()) return;
  // Only the names `node` and `group` are relevant. Comparing the length first is faster.
  const length = field.end - field.start;
  if (length !== 4 && length !== 5) return;
  const name = bytes.latin1Slice(field.start, field.end);
  if ((name === 'node' || name === 'group') && field.readNextField()) {
    series[name] = bytes.utf8Slice(field.start, field.end);
  }
}

/**
 * Returns the timestamp of a sample in milliseconds; 0 if the field is missing, as protobuf defines.
 * Timestamps before 1970 are approximate.
 * @param {Buffer} bytes encoded series
 * @param {number} start position of the sample
 * @param {number} end position after the sample
 * @param {number} tag protobuf tag of the timestamp
 * @returns {number} timestamp in milliseconds
 */
function readTimestamp(bytes, start, end, tag) {
  for (const field = new Fields(bytes, start, end); field.readNextField(); ) {
    if (field.tag === tag) return field.value < 2 ** 63 ? field.value : field.value - 2 ** 64;
  }
  return 0;
}
