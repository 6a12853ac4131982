// Encodes remote-write requests, including invalid requests. The encoder does not check its input, and uses no code of
// lib, so that tests do not depend on the code that they test.

/** Encodes a number as a protobuf varint. @param {number} value @returns {number[]} bytes */
function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** Encodes a protobuf field with a length. @param {number} tag field number and wire type @param {Buffer} content */
export const field = (tag, content) =>
  Buffer.concat([Buffer.from([(tag << 3) | 2, ...varint(content.length)]), content]);

/** Encodes a label. @param {string | Buffer} name @param {string | Buffer} value */
export const label = (name, value) =>
  field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]));

/** Bits of the NaN that marks the end of a series. A JavaScript number does not keep these bits. */
const STALE = 0x7ff0000000000002n;

/**
 * Encodes a sample.
 * @param {number} time milliseconds since 1970, may be negative; 0 is left out, as in protobuf
 * @param {number} value
 * @param {boolean} isStale whether to encode the end of the series instead of a value
 */
export function sample(time, value, isStale = false) {
  const double = Buffer.alloc(9);
  double[0] = (1 << 3) | 1;
  if (isStale) double.writeBigUInt64LE(STALE, 1);
  else double.writeDoubleLE(value, 1);
  if (Math.trunc(time) === 0) return field(2, double);
  const wide = [];
  let rest = BigInt.asUintN(64, BigInt(Math.trunc(time)));
  for (; rest >= 128n; rest >>= 7n) wide.push(Number(rest & 127n) | 128);
  return field(2, Buffer.concat([double, Buffer.from([2 << 3, ...wide, Number(rest)])]));
}

/**
 * Encodes a series.
 * @typedef {string | Buffer} Bytes
 * @param {Readonly<Record<string, Bytes>> | readonly (readonly [Bytes, Bytes])[]} labels as pairs for invalid labels: a
 * name that occurs twice, or bytes that are not text
 * @param {readonly Buffer[]} samples
 */
export function series(labels, samples) {
  const pairs = Array.isArray(labels) ? labels : Object.entries(labels);
  return field(1, Buffer.concat([...pairs.map(([name, value]) => label(name, value)), ...samples]));
}

/** Encodes a text with Snappy, as literals of up to 64 KiB, so that names stay readable. @param {Buffer} plain */
export function snappy(plain) {
  const parts = [Buffer.from(varint(plain.length))];
  for (let at = 0; at < plain.length; at += 65_536) {
    const part = plain.subarray(at, at + 65_536);
    const header = Buffer.from([61 << 2, 0, 0]);
    header.writeUInt16LE(part.length - 1, 1);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}
