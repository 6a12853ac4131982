// Implements the block format of Snappy, which remote write uses for its bodies:
// https://github.com/google/snappy/blob/main/format_description.txt
import { encodeVarint, readVarint } from './protobuf.mjs';

/** @param {Buffer} packed @param {number} longest bytes that may come out. @returns {Buffer} @throws {RangeError} */
export function unpack(packed, longest) {
  const [length, start] = readVarint(packed, 0);
  if (length > longest) throw new RangeError(`a body of ${length} bytes, where ${longest} are allowed`);
  const out = Buffer.allocUnsafe(length);
  const elements = new Elements(packed, start);
  let to = 0;
  while (elements.next()) {
    const { size, offset } = elements;
    if (size > length - to || offset > to) throw new RangeError('a body that is broken');
    if (offset > 0) repeatBytes(out, to, size, offset);
    else copyBytes(packed, elements.at - size, out, to, size);
    to += size;
  }
  if (to !== length) throw new RangeError('a body that is cut short');
  return out;
}

/** Iterates over elements without creating an object for each: a body may have one for every two bytes. */
class Elements {
  /** Number of bytes of the current element, and their distance back; 0 for literals, which end at `at`. */
  size = 0;
  offset = 0;

  /** @param {Buffer} packed @param {number} at */
  constructor(packed, at) {
    this.packed = packed;
    this.at = at;
  }

  /** @returns {boolean} whether there is one more. @throws {RangeError} when it is broken */
  next() {
    const { packed, at } = this;
    if (at >= packed.length) return false;
    const tag = packed[at];
    const kind = tag & 3;
    if (kind === 0) return this.#literal(tag >> 2);
    this.size = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    this.at += kind === 3 ? 5 : kind + 1;
    if (this.at > packed.length) throw new RangeError('a body that is cut short');
    this.offset = packed[at + 1];
    if (kind === 1) this.offset |= (tag >> 5) << 8;
    else if (kind === 2) this.offset |= packed[at + 2] << 8;
    else this.offset = packed.readUInt32LE(at + 1);
    if (this.offset === 0) throw new RangeError('a body that is broken');
    return true;
  }

  /** The size is in the tag, or in up to four bytes after it. @param {number} size */
  #literal(size) {
    const bytes = Math.max(size - 59, 0);
    this.size = 1 + (bytes ? this.packed.readUIntLE(this.at + 1, bytes) : size);
    this.offset = 0;
    this.at += 1 + bytes + this.size;
    if (this.at > this.packed.length) throw new RangeError('a body that is cut short');
    return true;
  }
}

/** A few bytes are copied faster one by one. */
const FEW_BYTES = 48;

/** @param {Buffer} from @param {number} start @param {Buffer} out @param {number} to @param {number} size */
function copyBytes(from, start, out, to, size) {
  if (size > FEW_BYTES) from.copy(out, to, start, start + size);
  else for (let at = 0; at < size; at++) out[to + at] = from[start + at];
}

/**
 * The source may overlap with what was just written.
 * @param {Buffer} out @param {number} to @param {number} size @param {number} offset
 */
function repeatBytes(out, to, size, offset) {
  for (let at = to; at < to + size; at++) out[at] = out[at - offset];
}

/**
 * Writes literals only, because the body is sent to a server of the same cluster.
 * @param {Buffer} plain @returns {Buffer}
 */
export function pack(plain) {
  const parts = [encodeVarint(plain.length)];
  for (let at = 0; at < plain.length; at += 65_536) {
    const part = plain.subarray(at, at + 65_536);
    const header = Buffer.alloc(3);
    header[0] = 61 << 2;
    header.writeUInt16LE(part.length - 1, 1);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

/** Size of a block, which writers fill. */
const MOST_FRAMES = 10_000;
const COMPRESSED = 0;
const PLAIN = 1;
const IDENTIFIER = Buffer.from([0xff, 6, 0, 0, ...Buffer.from('sNaPpY')]);

/**
 * Decodes the framing format, with blocks of 64 KiB: https://github.com/google/snappy/blob/main/framing_format.txt
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
    // After the checksum.
    const content = frameContent(kind, packed.subarray(at + 8, end), longest);
    if (content) parts.push(content);
    total += content?.length ?? 0;
    if (parts.length > MOST_FRAMES) throw new RangeError('a body of too many frames');
    if (total > longest) throw new RangeError('too long');
    at = end;
  }
  return Buffer.concat(parts);
}

/**
 * @param {number} kind @param {Buffer} bytes @param {number} longest
 * @returns {Buffer | undefined} undefined for what is to be skipped
 */
function frameContent(kind, bytes, longest) {
  if (kind === COMPRESSED) return unpack(bytes, Math.min(65_536, longest));
  if (kind === PLAIN) return bytes;
  if (kind < 0x80) throw new RangeError('a frame of an unknown kind');
  return undefined;
}
