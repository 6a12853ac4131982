// Reads and writes the wire format of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/

/**
 * Maximum work for one message, as a number of fields. The size of a message does not limit the work, because a
 * field can have a single byte.
 */
export class Budget {
  /** Creates a budget. `left` is the number of fields that may still be read. @param {number} left */
  constructor(left) {
    this.left = left;
  }

  /** Counts fields. @param {number} fields @throws {RangeError} when the maximum is exceeded */
  spendFields(fields) {
    this.left -= fields;
    if (this.left < 0)
      throw new RangeError('the body contains too many fields: send fewer series in each request');
  }
}

const UNLIMITED = new Budget(Number.POSITIVE_INFINITY);

/** Iterates over the fields of a message. It creates no object for each field, because a request contains thousands. */
export class Fields {
  /** The current field: position of its tag (`from`), its tag, the range of its content, and its value if it is a number. */
  from = 0;
  tag = 0;
  start = 0;
  end = 0;
  value = 0;

  /**
   * Creates an iterator over the fields between the positions `at` and `to`.
   * @param {Buffer} bytes @param {number} at @param {number} to @param {Budget} budget
   */
  constructor(bytes, at = 0, to = bytes.length, budget = UNLIMITED) {
    this.bytes = bytes;
    this.budget = budget;
    this.end = at;
    this.to = to;
  }

  /** Restarts with another message in the same bytes. @param {number} at @param {number} to @returns {Fields} */
  restartAt(at, to) {
    this.end = at;
    this.to = to;
    return this;
  }

  /**
   * Reads the next field. @returns {boolean} false at the end of the message
   * @throws {RangeError} when the message is invalid, or when the work budget is used up
   */
  readNextField() {
    if (this.end >= this.to) return false;
    this.budget.spendFields(1);
    this.from = this.start = this.end;
    this.tag = this.#readVarint();
    const kind = this.tag & 7;
    if (kind === 0 || kind === 2) this.value = this.#readVarint();
    this.end = this.start + fieldLength(kind, this.value);
    if (this.end > this.to) throw new RangeError('a field exceeds the end of the message');
    return true;
  }

  /** Reads the number at `start`, and moves `start` behind it. */
  #readVarint() {
    // Most numbers have one byte.
    const byte = this.start < this.to ? this.bytes[this.start] : 128;
    if (byte >= 128) return this.#readLongVarint();
    this.start++;
    return byte;
  }

  /** Reads a number of several bytes. Numbers above 2^53 are approximated. */
  #readLongVarint() {
    let value = 0;
    for (let factor = 1, left = 10; left > 0; factor *= 128, left--) {
      if (this.start >= this.to) break;
      const byte = this.bytes[this.start++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('a number is not terminated');
  }
}

/**
 * Returns the length of the bytes that belong to a field. For length-delimited fields, `value` is the length.
 * @param {number} kind wire type @param {number} value @returns {number} number of bytes after the tag and the value
 */
function fieldLength(kind, value) {
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
      throw new RangeError(`a field has the unknown wire type ${kind}`);
  }
}

/** Reads a variable-length integer below 2^53, such as a length. @param {Buffer} buffer @param {number} at @returns {[value: number, next: number]} */
export function readVarint(buffer, at) {
  let value = 0;
  let factor = 1;
  for (let next = at; ; next++) {
    if (next >= buffer.length || next - at > 9) throw new RangeError('a number is not terminated');
    const byte = buffer[next];
    value += (byte & 127) * factor;
    if (byte < 128) return [value, next + 1];
    factor *= 128;
  }
}

/** Encodes a variable-length integer. @param {number} value @returns {Buffer} */
export function encodeVarint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** Encodes a message. Its buffer grows as fields are added. */
export class Writer {
  #bytes = Buffer.allocUnsafe(4_096);
  length = 0;

  get content() {
    return this.#bytes.subarray(0, this.length);
  }

  clearContent() {
    this.length = 0;
  }

  /** Appends a variable-length integer. @param {number} value below 2^53 */
  appendVarint(value) {
    this.#reserveBytes(10);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.length++] = (rest % 128) | 128;
    this.#bytes[this.length++] = rest;
  }

  /** Appends bytes of another message unchanged. @param {Buffer} source @param {number} start @param {number} end */
  appendBytes(source, start = 0, end = source.length) {
    this.#reserveBytes(end - start);
    this.length += source.copy(this.#bytes, this.length, start, end);
  }

  /** Appends a field with bytes. @param {number} tag @param {Buffer} source @param {number} start @param {number} end */
  appendField(tag, source, start = 0, end = source.length) {
    this.appendVarint(tag);
    this.appendVarint(end - start);
    this.appendBytes(source, start, end);
  }

  /** Enlarges the buffer if it has no room for `more` bytes. @param {number} more */
  #reserveBytes(more) {
    if (this.length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.length + more));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
