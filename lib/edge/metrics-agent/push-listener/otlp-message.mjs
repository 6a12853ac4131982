// Parses protobuf messages of OTLP: fields by their number, and numbers of eight bytes (fixed64, double).
import { Fields } from '../../../programs/protobuf.mjs';

const EMPTY = new Uint8Array(0);

/** Additional work for a field with bytes, counted in fields, because an object is created for the field. */
const WORK_OF_A_CONTENT = 4;

/** A parsed protobuf message, whose fields can be read by number. For missing fields, the methods return defaults. */
export class Message {
  /** Bytes of each field, by field number. @type {Map<number, Uint8Array[]>} */
  #contents = new Map();
  /** Values of varint fields, by field number. @type {Map<number, number> | undefined} */
  #numbers;

  /**
   * Parses a message.
   * @param {Uint8Array} content @param {import('../../../programs/protobuf.mjs').Budget} budget
   * @throws {RangeError} when the message is malformed
   */
  constructor(content, budget) {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
    for (const field = new Fields(bytes, 0, bytes.length, budget); field.readNextField(); ) {
      const number = field.tag >>> 3;
      if ((field.tag & 7) === 0) this.#storeVarintField(number, field.value);
      else {
        budget.subtractFieldsFromBudget(WORK_OF_A_CONTENT);
        this.#addBytesField(number, content.subarray(field.start, field.end));
      }
    }
  }

  /** Stores the value of a varint field. @param {number} field @param {number} value */
  #storeVarintField(field, value) {
    this.#numbers ??= new Map();
    this.#numbers.set(field, value);
  }

  /**
   * Adds the content of a field that is not a varint, such as a text, a message or a double. A repeated field has several
   * contents.
   * @param {number} field @param {Uint8Array} content
   */
  #addBytesField(field, content) {
    const all = this.#contents.get(field);
    if (all) all.push(content);
    else this.#contents.set(field, [content]);
  }

  /**
   * Returns the bytes of all values of a repeated field.
   * @param {number} field number of the field
   * @returns {Uint8Array[]}
   */
  getRepeatedBytes(field) {
    return this.#contents.get(field) ?? [];
  }

  /**
   * Returns the bytes of a field, or of its first value if the field is repeated.
   * @param {number} field number of the field
   * @returns {Uint8Array} empty if the field is missing
   */
  getBytes(field) {
    return this.getRepeatedBytes(field)[0] ?? EMPTY;
  }

  /** Returns whether the message contains a field. @param {number} field @returns {boolean} */
  hasField(field) {
    return this.#contents.has(field) || this.#numbers?.has(field) === true;
  }

  /**
   * Returns the number in a varint field.
   * @param {number} field number of the field
   * @returns {number} 0 if the field is missing
   */
  getVarint(field) {
    return this.#numbers?.get(field) ?? 0;
  }

  /**
   * Returns the number in a double field.
   * @param {number} field number of the field
   * @returns {number} 0 if the field is missing
   */
  getDouble(field) {
    return readDoubles(this.getRepeatedBytes(field))[0] ?? 0;
  }

  /**
   * Returns the number in a fixed64 field.
   * @param {number} field number of the field
   * @returns {number} 0 if the field is missing
   */
  getFixed64(field) {
    return readFixed64s(this.getRepeatedBytes(field))[0] ?? 0;
  }

  /**
   * Returns the time in a fixed64 field with nanoseconds, converted to whole milliseconds. Nanoseconds would exceed the
   * precision of a number.
   * @param {number} field
   * @returns {number} 0 if the field is missing
   */
  getTimeInMilliseconds(field) {
    const content = this.getBytes(field);
    if (!content.length) return 0;
    const view = createDataView(content);
    const high = view.getUint32(4, true);
    // 2 ** 32 nanoseconds are 4,294 milliseconds and 967,296 nanoseconds.
    return 4294 * high + Math.floor((967_296 * high + view.getUint32(0, true)) / 1e6);
  }

  /**
   * Returns the number in an sfixed64 field.
   * @param {number} field number of the field
   * @returns {number} 0 if the field is missing
   */
  getSfixed64(field) {
    const content = this.getBytes(field);
    if (!content.length) return 0;
    const view = createDataView(content);
    return view.getInt32(4, true) * 2 ** 32 + view.getUint32(0, true);
  }
}

/** Returns the values of a repeated double field, packed or unpacked. @param {Uint8Array[]} contents @returns {number[]} */
export const readDoubles = (contents) =>
  readEightByteNumbers(contents, (view, at) => view.getFloat64(at, true));

/** Returns the values of a repeated fixed64 field, packed or unpacked. @param {Uint8Array[]} contents @returns {number[]} */
export const readFixed64s = (contents) =>
  readEightByteNumbers(
    contents,
    (view, at) => view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true),
  );

/**
 * Returns the values of a repeated field whose values have eight bytes, packed or unpacked.
 * @param {Uint8Array[]} contents @param {(view: DataView, at: number) => number} read reads the value at a position
 * @returns {number[]} @throws {RangeError} when a value is incomplete
 */
function readEightByteNumbers(contents, read) {
  return contents.flatMap((content) => {
    if (content.length % 8) throw new RangeError('a number of eight bytes is incomplete');
    const view = createDataView(content);
    return Array.from({ length: content.length / 8 }, (_, at) => read(view, 8 * at));
  });
}

/** Returns a DataView of the bytes, with which numbers can be read. @param {Uint8Array} content */
const createDataView = (content) => new DataView(content.buffer, content.byteOffset, content.length);
