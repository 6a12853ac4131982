// A remote-write request (protocol 1.0), as far as a filter has to understand it: which series, of which node,
// measured when. https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
import { varint, varintBytes } from './snappy.mjs';

/**
 * One series: its bytes in the request, the fields that are no samples, and each sample with its time.
 * @typedef {{ bytes: Buffer, node: string, group: string, samples: Sample[] }} Series
 * @typedef {{ start: number, end: number, time: number }} Sample
 */

const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const HISTOGRAM = (4 << 3) | 2;

/** @param {Buffer} request @returns {Series[]} what is no series (metadata) is left out */
export function seriesOf(request) {
  /** @type {Series[]} */
  const all = [];
  for (const { tag, start, end } of fields(request, 0, request.length)) {
    if (tag === SERIES) all.push(parse(request.subarray(start, end)));
  }
  return all;
}

/** @param {readonly { bytes: Buffer }[]} series @returns {Buffer} */
export function requestOf(series) {
  const tag = Buffer.from([SERIES]);
  return Buffer.concat(series.flatMap(({ bytes }) => [tag, varintBytes(bytes.length), bytes]));
}

/** The series with those of its samples that are wanted. @param {Series} series @param {(sample: Sample) => boolean} wanted @returns {Series} */
export function withSamples(series, wanted) {
  const samples = series.samples.filter(wanted);
  if (samples.length === series.samples.length) return series;
  const { bytes } = series;
  let at = 0;
  const parts = [];
  for (const { start, end } of series.samples.filter((sample) => !wanted(sample))) {
    parts.push(bytes.subarray(at, start));
    at = end;
  }
  return parse(Buffer.concat([...parts, bytes.subarray(at)]));
}

/** @param {Buffer} bytes @returns {Series} */
function parse(bytes) {
  const series = { bytes, node: '', group: '', samples: /** @type {Sample[]} */ ([]) };
  let from = 0;
  for (const { tag, start, end } of fields(bytes, 0, bytes.length)) {
    if (tag === LABEL) label(bytes, start, end, series);
    if (tag === SAMPLE) series.samples.push({ start: from, end, time: timeOf(bytes, start, end, 2) });
    if (tag === HISTOGRAM) series.samples.push({ start: from, end, time: timeOf(bytes, start, end, 15) });
    from = end;
  }
  return series;
}

/** @param {Buffer} bytes @param {number} start @param {number} end @param {{ node: string, group: string }} series */
function label(bytes, start, end, series) {
  // Of names this long there are two of interest, and most labels are neither.
  const [length, from] = varint(bytes, start + 1);
  if (length !== 4 && length !== 5) return;
  const name = bytes.latin1Slice(from, from + length);
  if (name !== 'node' && name !== 'group') return;
  const [, valueStart] = varint(bytes, from + length + 1);
  series[name] = bytes.utf8Slice(valueStart, end);
}

/**
 * Milliseconds; 0 where the field is left out, as the format says. A time before 1970 is near enough.
 * @param {Buffer} bytes @param {number} start @param {number} end @param {number} field @returns {number}
 */
function timeOf(bytes, start, end, field) {
  for (const { tag, value } of fields(bytes, start, end)) {
    if (tag === field << 3) return value < 2 ** 63 ? value : value - 2 ** 64;
  }
  return 0;
}

/** @param {Buffer} bytes @param {number} from @param {number} to */
function* fields(bytes, from, to) {
  for (let at = from; at < to; ) {
    const [tag, next] = varint(bytes, at);
    const field = { tag, ...content(bytes, next, tag & 7) };
    if (field.end > to) throw new RangeError('a field beyond the end');
    yield field;
    at = field.end;
  }
}

/** @param {Buffer} bytes @param {number} at @param {number} kind @returns {{ start: number, end: number, value: number }} */
function content(bytes, at, kind) {
  if (kind === 1) return { start: at, end: at + 8, value: 0 };
  if (kind === 5) return { start: at, end: at + 4, value: 0 };
  const [value, next] = varint(bytes, at);
  if (kind === 0) return { start: at, end: next, value };
  if (kind === 2) return { start: next, end: next + value, value };
  throw new RangeError(`a field of an unknown kind, ${kind}`);
}
