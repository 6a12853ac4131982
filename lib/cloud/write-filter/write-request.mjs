// A remote-write request (protocol 1.0), as far as a filter has to understand it: which series, of which node,
// measured when. https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
import { varintBytes } from './snappy.mjs';

/**
 * One series: its bytes in the request, whose it is, and each sample with its time.
 * @typedef {{ bytes: Buffer, node: string, group: string, samples: Sample[] }} Series
 * @typedef {{ start: number, end: number, time: number }} Sample
 */

const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const SAMPLE = (2 << 3) | 2;
const HISTOGRAM = (4 << 3) | 2;
const SAMPLE_TIME = 2 << 3;
const HISTOGRAM_TIME = 15 << 3;

/** Goes from field to field of a message, without making an object for each: there are thousands in a request. */
class Fields {
  /** Of the present field: where it begins with its tag, and its content, which is a number or bytes. */
  from = 0;
  tag = 0;
  start = 0;
  end = 0;
  value = 0;

  /** @param {Buffer} bytes @param {number} at @param {number} to */
  constructor(bytes, at, to) {
    this.bytes = bytes;
    this.end = at;
    this.to = to;
  }

  /** @returns {boolean} whether there is one more. @throws {RangeError} when the message is broken */
  next() {
    if (this.end >= this.to) return false;
    this.from = this.start = this.end;
    this.tag = this.#number();
    const kind = this.tag & 7;
    if (kind === 0 || kind === 2) this.value = this.#number();
    this.end = this.start + lengthOf(kind, this.value);
    if (this.end > this.to) throw new RangeError('a field beyond the end');
    return true;
  }

  /** A number at `start`, which moves behind it; beyond 2 to the 53rd it is near enough. */
  #number() {
    let value = 0;
    for (let factor = 1, left = 10; left > 0; factor *= 128, left--) {
      if (this.start >= this.to) break;
      const byte = this.bytes[this.start++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('a number that has no end');
  }
}

/** @param {number} kind @param {number} value @returns {number} bytes behind the tag and the number */
function lengthOf(kind, value) {
  switch (kind) {
    case 0:
      return 0;
    case 1:
      return 8;
    case 2:
      return value;
    case 5:
      return 4;
    default:
      throw new RangeError(`a field of an unknown kind, ${kind}`);
  }
}

/** @param {Buffer} request @returns {Series[]} what is no series (metadata) is left out */
export function seriesOf(request) {
  /** @type {Series[]} */
  const all = [];
  for (const field = new Fields(request, 0, request.length); field.next(); ) {
    if (field.tag === SERIES) all.push(parse(request.subarray(field.start, field.end)));
  }
  return all;
}

/** @param {readonly { bytes: Buffer }[]} series @returns {Buffer} */
export function requestOf(series) {
  const tag = Buffer.from([SERIES]);
  return Buffer.concat(series.flatMap(({ bytes }) => [tag, varintBytes(bytes.length), bytes]));
}

/**
 * The series with those of its samples that are wanted.
 * @param {Series} series @param {(sample: Sample) => boolean} wanted @returns {Series}
 */
export function withSamples(series, wanted) {
  const unwanted = series.samples.filter((sample) => !wanted(sample));
  if (unwanted.length === 0) return series;
  const { bytes } = series;
  const parts = [];
  let at = 0;
  for (const { start, end } of unwanted) {
    parts.push(bytes.subarray(at, start));
    at = end;
  }
  return parse(Buffer.concat([...parts, bytes.subarray(at)]));
}

/** @param {Buffer} bytes @returns {Series} */
function parse(bytes) {
  const series = { bytes, node: '', group: '', samples: /** @type {Sample[]} */ ([]) };
  for (const field = new Fields(bytes, 0, bytes.length); field.next(); ) {
    const { tag, from, start, end } = field;
    if (tag === LABEL) label(bytes, start, end, series);
    else if (tag === SAMPLE)
      series.samples.push({ start: from, end, time: timeOf(bytes, start, end, SAMPLE_TIME) });
    else if (tag === HISTOGRAM)
      series.samples.push({ start: from, end, time: timeOf(bytes, start, end, HISTOGRAM_TIME) });
  }
  return series;
}

/** @param {Buffer} bytes @param {number} start @param {number} end @param {{ node: string, group: string }} series */
function label(bytes, start, end, series) {
  const field = new Fields(bytes, start, end);
  if (!field.next()) return;
  // Of names this long there are two of interest, and most labels are neither.
  const length = field.end - field.start;
  if (length !== 4 && length !== 5) return;
  const name = bytes.latin1Slice(field.start, field.end);
  if ((name === 'node' || name === 'group') && field.next()) {
    series[name] = bytes.utf8Slice(field.start, field.end);
  }
}

/**
 * Milliseconds; 0 where the field is left out, as the format says. A time before 1970 is near enough.
 * @param {Buffer} bytes @param {number} start @param {number} end @param {number} tag @returns {number}
 */
function timeOf(bytes, start, end, tag) {
  for (const field = new Fields(bytes, start, end); field.next(); ) {
    if (field.tag === tag) return field.value < 2 ** 63 ? field.value : field.value - 2 ** 64;
  }
  return 0;
}
