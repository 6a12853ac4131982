// The block format of Snappy, as remote write packs its bodies:
// https://github.com/google/snappy/blob/main/format_description.txt
import { varint, varintBytes } from './protobuf.mjs';

/** @param {Buffer} packed @param {number} longest bytes that may come out. @returns {Buffer} @throws {RangeError} */
export function unpack(packed, longest) {
  const [length, start] = varint(packed, 0);
  if (length > longest) throw new RangeError(`a body of ${length} bytes, where ${longest} are allowed`);
  const out = Buffer.allocUnsafe(length);
  let at = start;
  let to = 0;
  while (at < packed.length) {
    const [size, offset, next] = element(packed, at);
    if (to + size > length || next > packed.length || offset > to)
      throw new RangeError('a body that is broken');
    if (offset === 0) packed.copy(out, to, next - size, next);
    // What is copied may be what was just written.
    else for (let byte = to; byte < to + size; byte++) out[byte] = out[byte - offset];
    to += size;
    at = next;
  }
  if (to !== length) throw new RangeError('a body that is cut short');
  return out;
}

/** How much is written, from how far back (0: it follows as it is), and where the next one begins. */
function element(packed, at) {
  const tag = packed[at];
  const kind = tag & 3;
  if (kind === 1) return [4 + ((tag >> 2) & 7), ((tag >> 5) << 8) | packed[at + 1], at + 2];
  if (kind === 2) return [1 + (tag >> 2), packed.readUInt16LE(at + 1), at + 3];
  if (kind === 3) return [1 + (tag >> 2), packed.readUInt32LE(at + 1), at + 5];
  const bytes = Math.max((tag >> 2) - 59, 0);
  const size = 1 + (bytes ? packed.readUIntLE(at + 1, bytes) : tag >> 2);
  return [size, 0, at + 1 + bytes + size];
}

/** Literals only: it goes no further than to a server of the same cluster. @param {Buffer} plain @returns {Buffer} */
export function pack(plain) {
  const parts = [varintBytes(plain.length)];
  for (let at = 0; at < plain.length; at += 65_536) {
    const part = plain.subarray(at, at + 65_536);
    const header = Buffer.alloc(3);
    header[0] = 61 << 2;
    header.writeUInt16LE(part.length - 1, 1);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

const COMPRESSED = 0;
const PLAIN = 1;
const IDENTIFIER = Buffer.from('\xff\x06\x00\x00sNaPpY', 'latin1');

/**
 * The framing format, of blocks of 64 KiB: https://github.com/google/snappy/blob/main/framing_format.txt
 * @param {Buffer} packed @param {number} longest bytes that may come out. @returns {Buffer} @throws {RangeError}
 */
export function unpackFrames(packed, longest) {
  if (!packed.subarray(0, IDENTIFIER.length).equals(IDENTIFIER)) throw new RangeError('no Snappy frame');
  const parts = [];
  let total = 0;
  for (let at = 0; at + 4 <= packed.length; ) {
    const kind = packed[at];
    const end = at + 4 + packed.readUIntLE(at + 1, 3);
    if (end > packed.length) throw new RangeError('a frame that is cut short');
    // Behind the checksum.
    const content = packed.subarray(at + 8, end);
    if (kind === COMPRESSED) parts.push(unpack(content, Math.min(65_536, longest)));
    else if (kind === PLAIN) parts.push(content);
    else if (kind < 0x80) throw new RangeError('a frame of an unknown kind');
    total += kind <= PLAIN ? parts[parts.length - 1].length : 0;
    if (total > longest) throw new RangeError('too long');
    at = end;
  }
  return Buffer.concat(parts);
}
