// Parses a remote-write request (protocol 1.0) as far as the write filter needs it: series, their nodes, and
// timestamps. https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
import { encodeVarint, Fields } from '../../../programs/protobuf.mjs';

/**
 * One series: its bytes in the request, its node and group, and its samples with timestamps.
 * @typedef {{ bytes: Buffer, node: string, group: string, samples: Sample[] }} Series
 * @typedef {{ start: number, end: number, time: number }} Sample
 */

const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const HISTOGRAM = (4 << 3) | 2;
const SAMPLE_TIME = 2 << 3;
const HISTOGRAM_TIME = 15 << 3;

/** Parses the series of a request; metadata is ignored. @param {Buffer} request @returns {Series[]} */
export function parseSeries(request) {
  /** @type {Series[]} */
  const all = [];
  for (const field = new Fields(request, 0, request.length); field.readNextField(); ) {
    if (field.tag === SERIES) all.push(parseOneSeries(request.subarray(field.start, field.end)));
  }
  return all;
}

/** Encodes series as a request of remote write 1.0. @param {readonly { bytes: Buffer }[]} series @returns {Buffer} */
export function encodeRequest(series) {
  const tag = Buffer.from([SERIES]);
  return Buffer.concat(series.flatMap(({ bytes }) => [tag, encodeVarint(bytes.length), bytes]));
}

/**
 * Returns the series with the samples that satisfy a condition.
 * @param {Series} series @param {(sample: Sample) => boolean} wanted @returns {Series}
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
 * Returns a list with the series, reduced to samples whose timestamps the store accepts; an empty list if no
 * sample is left.
 * @param {Series} series
 * @param {{ oldest: number, newest: number }} limits timestamps in milliseconds
 * @param {(series: Series, reason: string, samples: number) => void} drop called with the number of removed
 * samples, for each reason
 * @returns {Series[]}
 */
export function filterByTimeRange(series, { oldest, newest }, drop) {
  drop(series, 'too_old', series.samples.filter(({ time }) => time < oldest).length);
  drop(series, 'too_far_ahead', series.samples.filter(({ time }) => time > newest).length);
  const kept = filterSamples(series, ({ time }) => time >= oldest && time <= newest);
  return kept.samples.length > 0 ? [kept] : [];
}

/**
 * Parses one series: its node, its group, and the positions and timestamps of its samples.
 * @param {Buffer} bytes @returns {Series}
 */
function parseOneSeries(bytes) {
  const series = { bytes, node: '', group: '', samples: /** @type {Sample[]} */ ([]) };
  for (const field = new Fields(bytes, 0, bytes.length); field.readNextField(); ) {
    const { tag, from, start, end } = field;
    if (tag === LABEL) readOriginLabel(bytes, start, end, series);
    else if (tag === SAMPLE)
      series.samples.push({ start: from, end, time: readTimestamp(bytes, start, end, SAMPLE_TIME) });
    else if (tag === HISTOGRAM)
      series.samples.push({ start: from, end, time: readTimestamp(bytes, start, end, HISTOGRAM_TIME) });
  }
  return series;
}

/**
 * Reads a label, and sets `series.node` or `series.group` if the label has this name.
 * @param {Buffer} bytes @param {number} start @param {number} end @param {{ node: string, group: string }} series
 */
function readOriginLabel(bytes, start, end, series) {
  const field = new Fields(bytes, start, end);
  if (!field.readNextField()) return;
  // Only two label names of this length are relevant, and most labels have other names.
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
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 * @param {number} tag
 * @returns {number}
 */
function readTimestamp(bytes, start, end, tag) {
  for (const field = new Fields(bytes, start, end); field.readNextField(); ) {
    if (field.tag === tag) return field.value < 2 ** 63 ? field.value : field.value - 2 ** 64;
  }
  return 0;
}
