// Decompresses and writes the Snappy block format, which remote write uses. Decompresses the framing format, which
// pushes can use: https://github.com/google/snappy/blob/main/format_description.txt
import { encodeVarint, readVarint } from './protobuf.mjs';

/** Error for a body that is too large after decompression. */
export class BodyTooLargeError extends RangeError {}

/**
 * Decompresses a body in the block format.
 * @param {Buffer} packed compressed body
 * @param {number} longest maximum number of decompressed bytes
 * @returns {Buffer}
 * @throws {RangeError} when the body is invalid or too large
 */
export function decompressSnappy(packed, longest) {
  const [length, start] = readVarint(packed, 0);
  if (length > longest)
    throw new RangeError(`the decompressed body has ${length} bytes; allowed: ${longest}`);
  const out = Buffer.allocUnsafe(length);
  const elements = new Elements(packed, start);
  let to = 0;
  while (elements.readNextElement()) {
    const { size, offset } = elements;
    if (size > length - to || offset > to) throw new RangeError('a Snappy element is invalid');
    if (offset > 0) copyWithinOutput(out, to, size, offset);
    else copyBytes(packed, elements.at - size, out, to, size);
    to += size;
  }
  if (to !== length) throw new RangeError('the body is truncated');
  return out;
}

/**
 * Iterates over the elements (literals and copies) of a body. The iterator creates no object for each element,
 * because a body can contain an element for every two bytes.
 */
class Elements {
  /** Number of decompressed bytes of the current element. */
  size = 0;
  /**
   * Distance in bytes for a copy: the bytes to copy start this number of bytes before the end of the output. 0 for a
   * literal. The bytes of a literal end at the position `at` of the input.
   */
  offset = 0;

  /** Creates an iterator over the elements of a body. @param {Buffer} packed compressed body @param {number} at position of the first element */
  constructor(packed, at) {
    this.packed = packed;
    this.at = at;
  }

  /**
   * Reads the next element into the fields of this object.
   * @returns {boolean} false at the end of the body
   * @throws {RangeError} when the element is invalid
   */
  readNextElement() {
    const { packed, at } = this;
    if (at >= packed.length) return false;
    const tag = packed[at];
    const kind = tag & 3;
    if (kind === 0) return this.#readLiteral(tag >> 2);
    this.size = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    this.at += kind === 3 ? 5 : kind + 1;
    if (this.at > packed.length) throw new RangeError('the body is truncated');
    this.offset = packed[at + 1];
    if (kind === 1) this.offset |= (tag >> 5) << 8;
    else if (kind === 2) this.offset |= packed[at + 2] << 8;
    else this.offset = packed.readUInt32LE(at + 1);
    if (this.offset === 0) throw new RangeError('a Snappy element is invalid');
    return true;
  }

  /**
   * Reads a literal. Its size is in the tag, or in up to four bytes after the tag.
   * @param {number} size upper six bits of the tag
   * @returns {boolean} always true
   */
  #readLiteral(size) {
    const bytes = Math.max(size - 59, 0);
    this.size = 1 + (bytes ? this.packed.readUIntLE(this.at + 1, bytes) : size);
    this.offset = 0;
    this.at += 1 + bytes + this.size;
    if (this.at > this.packed.length) throw new RangeError('the body is truncated');
    return true;
  }
}

/** Maximum number of bytes that a loop copies faster than `Buffer.copy`. */
const FEW_BYTES = 48;

/**
 * Copies bytes from one buffer to another.
 * @param {Buffer} from source
 * @param {number} start position in the source
 * @param {Buffer} out target
 * @param {number} to position in the target
 * @param {number} size number of bytes
 */
function copyBytes(from, start, out, to, size) {
  if (size > FEW_BYTES) from.copy(out, to, start, start + size);
  else for (let at = 0; at < size; at++) out[to + at] = from[start + at];
}

/**
 * Copies bytes that are already decompressed to the end of the output. Source and target can overlap.
 * @param {Buffer} out decompressed bytes
 * @param {number} to position to copy to
 * @param {number} size number of bytes
 * @param {number} offset number of bytes between the source and `to`
 */
function copyWithinOutput(out, to, size, offset) {
  for (let at = to; at < to + size; at++) out[at] = out[at - offset];
}

/**
 * Encodes a body in the Snappy block format, without compressing it: the result only contains literals. The encoded
 * bodies are sent within the cluster, where their size does not matter.
 * @param {Buffer} plain body to encode
 * @returns {Buffer} encoded body
 */
export function encodeSnappyWithoutCompression(plain) {
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

/** Maximum number of decompressed bytes in a frame, from the specification of the framing format. */
const MAX_FRAME_BYTES = 65_536;
/** Maximum number of frames in a body. */
const MOST_FRAMES = 10_000;
const COMPRESSED = 0;
const PLAIN = 1;
const IDENTIFIER = Buffer.from([0xff, 6, 0, 0, ...Buffer.from('sNaPpY')]);

/**
 * Decompresses a body in the framing format: https://github.com/google/snappy/blob/main/framing_format.txt
 * @param {Buffer} packed compressed body
 * @param {number} longest maximum number of decompressed bytes
 * @returns {Buffer}
 * @throws {BodyTooLargeError} when the decompressed body is too large
 * @throws {RangeError} when the body is invalid
 */
export function decompressSnappyFrames(packed, longest) {
  if (!packed.subarray(0, IDENTIFIER.length).equals(IDENTIFIER))
    throw new RangeError('the body does not start with the identifier of the Snappy framing format');
  const parts = [];
  let total = 0;
  for (let at = 0; at + 4 <= packed.length; ) {
    const kind = packed[at];
    const end = at + 4 + packed.readUIntLE(at + 1, 3);
    if (end > packed.length) throw new RangeError('a Snappy frame is truncated');
    // The content follows a checksum of four bytes.
    const content = decompressFrame(kind, packed.subarray(at + 8, end));
    if (content) parts.push(content);
    total += content?.length ?? 0;
    if (parts.length > MOST_FRAMES)
      throw new RangeError(`the body contains more than ${MOST_FRAMES} Snappy frames`);
    if (total > longest) throw new BodyTooLargeError(`the decompressed body is larger than ${longest} bytes`);
    at = end;
  }
  return Buffer.concat(parts);
}

/**
 * Decompresses the content of a frame.
 * @param {number} kind type of the frame
 * @param {Buffer} bytes content after the checksum
 * @returns {Buffer | undefined} `undefined` for a frame that must be skipped, such as padding
 * @throws {RangeError} when the content is invalid, or the type is unknown and must not be skipped
 */
function decompressFrame(kind, bytes) {
  if (kind === COMPRESSED) return decompressSnappy(bytes, MAX_FRAME_BYTES);
  if (kind === PLAIN) return bytes;
  if (kind < 0x80) throw new RangeError('a Snappy frame has an unknown type');
  return undefined;
}
