// Encodes remote-write requests, including hostile ones: its input is not checked, and no code of lib is used.

/** @param {number} value @returns {number[]} */
function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** @param {number} tag @param {Buffer} content */
export const field = (tag, content) =>
  Buffer.concat([Buffer.from([(tag << 3) | 2, ...varint(content.length)]), content]);

/** @param {string | Buffer} name @param {string | Buffer} value */
export const label = (name, value) =>
  field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]));

/** NaN of the bits that mark the end of a series, which a number does not keep. */
const STALE = 0x7ff0000000000002n;

/**
 * @param {number} time milliseconds, also below zero; zero is left out, as the format says
 * @param {number} value
 * @param {boolean} isStale whether the series ends there, and has no value
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
 * @typedef {string | Buffer} Bytes
 * @param {Readonly<Record<string, Bytes>> | readonly (readonly [Bytes, Bytes])[]} labels pairs where a name stands twice or is no text
 * @param {readonly Buffer[]} samples
 */
export function series(labels, samples) {
  const pairs = Array.isArray(labels) ? labels : Object.entries(labels);
  return field(1, Buffer.concat([...pairs.map(([name, value]) => label(name, value)), ...samples]));
}

/** Encodes Snappy as literals of up to 64 KiB, so that names are readable in it. @param {Buffer} plain */
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
