// Reads and writes the wire format of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/

/**
 * Limits the work for a protobuf message, counted in fields. The size of the message is not a sufficient limit,
 * because a field can have a single byte.
 */
export class Budget {
  /** Creates a budget for one message. @param {number} left number of fields that may be read */
  constructor(left) {
    this.left = left;
  }

  /**
   * Subtracts fields from the budget.
   * @param {number} fields number of fields
   * @throws {RangeError} when the budget is exceeded
   */
  subtractFieldsFromBudget(fields) {
    this.left -= fields;
    if (this.left < 0)
      throw new RangeError('the body contains too many fields: send fewer series in each request');
  }
}

const UNLIMITED = new Budget(Number.POSITIVE_INFINITY);

/**
 * Iterates over the fields of a protobuf message. The iterator creates no object for each field, because a request
 * contains thousands of fields.
 */
export class Fields {
  /** Position of the tag of the current field, in bytes. */
  from = 0;
  /** Tag of the current field: field number and wire type. */
  tag = 0;
  /** Position of the first byte of the current field's content. */
  start = 0;
  /** Position after the last byte of the current field's content. */
  end = 0;
  /**
   * Value of the current field if its wire type is varint. For a length-delimited field, the length of its content in
   * bytes.
   */
  value = 0;

  /**
   * Creates an iterator over the fields between two positions.
   * @param {Buffer} bytes
   * @param {number} at position of the first field
   * @param {number} to position after the last field
   * @param {Budget} budget
   */
  constructor(bytes, at = 0, to = bytes.length, budget = UNLIMITED) {
    this.bytes = bytes;
    this.budget = budget;
    this.end = at;
    this.to = to;
  }

  /**
   * Continues with another message in the same bytes.
   * @param {number} at position of its first field
   * @param {number} to position after its last field
   * @returns {Fields} this iterator
   */
  moveToMessageAt(at, to) {
    this.end = at;
    this.to = to;
    return this;
  }

  /**
   * Reads the next field into the fields of this object.
   * @returns {boolean} false at the end of the message
   * @throws {RangeError} when the message is invalid, or when the budget is exceeded
   */
  readNextField() {
    if (this.end >= this.to) return false;
    this.budget.subtractFieldsFromBudget(1);
    this.from = this.start = this.end;
    this.tag = this.#readVarint();
    const kind = this.tag & 7;
    if (kind === 0 || kind === 2) this.value = this.#readVarint();
    this.end = this.start + fieldContentLength(kind, this.value);
    if (this.end > this.to)
      throw new RangeError('a Protocol Buffers field extends beyond the end of its message');
    return true;
  }

  /** Reads the varint at the position `start`. Moves `start` to the position after the varint. */
  #readVarint() {
    // Most numbers have one byte.
    const byte = this.start < this.to ? this.bytes[this.start] : 128;
    if (byte >= 128) return this.#readLongVarint();
    this.start++;
    return byte;
  }

  /** Reads a varint of several bytes. The result is approximate above 2^53. */
  #readLongVarint() {
    let value = 0;
    for (let factor = 1, left = 10; left > 0; factor *= 128, left--) {
      if (this.start >= this.to) break;
      const byte = this.bytes[this.start++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('a varint is truncated or longer than 10 bytes');
  }
}

/**
 * Returns the length of a field's content in bytes. The length includes neither the tag nor the varint after
 * the tag.
 * @param {number} kind wire type of the field
 * @param {number} value of the varint after the tag: for a length-delimited field, the length of the content
 * @returns {number} 0 for a field with the wire type varint
 * @throws {RangeError} when the wire type is unknown
 */
function fieldContentLength(kind, value) {
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
      throw new RangeError(`a Protocol Buffers field has the unknown wire type ${kind}`);
  }
}

/**
 * Reads a varint below 2^53, such as a length.
 * @param {Buffer} buffer
 * @param {number} at position of the first byte of the varint
 * @returns {[value: number, next: number]} value, and position after the varint
 * @throws {RangeError} when the varint is truncated or longer than 10 bytes
 */
export function readVarint(buffer, at) {
  let value = 0;
  let factor = 1;
  for (let next = at; ; next++) {
    if (next >= buffer.length || next - at > 9)
      throw new RangeError('a varint is truncated or longer than 10 bytes');
    const byte = buffer[next];
    value += (byte & 127) * factor;
    if (byte < 128) return [value, next + 1];
    factor *= 128;
  }
}

/** Encodes an integer as a varint. @param {number} value @returns {Buffer} */
export function encodeVarint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** Writes a protobuf message into a buffer that grows as needed. */
export class Writer {
  #bytes = Buffer.allocUnsafe(4_096);
  length = 0;

  /** The bytes that were written since the last `clearContent()`. */
  get content() {
    return this.#bytes.subarray(0, this.length);
  }

  /** Discards the content, and keeps the buffer for the next message. */
  clearContent() {
    this.length = 0;
  }

  /** Appends an integer as a varint. @param {number} value below 2^53 */
  appendVarint(value) {
    this.#ensureCapacity(10);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.length++] = (rest % 128) | 128;
    this.#bytes[this.length++] = rest;
  }

  /**
   * Appends bytes unchanged.
   * @param {Buffer} source
   * @param {number} start position of the first byte
   * @param {number} end position after the last byte
   */
  appendBytes(source, start = 0, end = source.length) {
    this.#ensureCapacity(end - start);
    this.length += source.copy(this.#bytes, this.length, start, end);
  }

  /**
   * Appends a length-delimited field.
   * @param {number} tag of the field
   * @param {Buffer} source buffer that contains the content of the field
   * @param {number} start position of the first byte of the content
   * @param {number} end position after the last byte of the content
   */
  appendBytesField(tag, source, start = 0, end = source.length) {
    this.appendVarint(tag);
    this.appendVarint(end - start);
    this.appendBytes(source, start, end);
  }

  /** Enlarges the buffer if it is too small for more bytes. @param {number} more number of bytes to append */
  #ensureCapacity(more) {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.length + more));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
