// Parses OTLP messages: fields by number, and numbers of eight bytes.
import { Fields } from '../../../programs/protobuf.mjs';

const EMPTY = new Uint8Array(0);

/** Additional work of a field with content, which becomes an object. */
const WORK_OF_A_CONTENT = 4;

/** The fields of a message. */
export class Message {
  /** @type {Map<number, Uint8Array[]>} */
  #contents = new Map();
  /** @type {Map<number, number> | undefined} */
  #numbers;

  /** @param {Uint8Array} content @param {import('../../../programs/protobuf.mjs').Budget} budget @throws {RangeError} when it is broken */
  constructor(content, budget) {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
    for (const field = new Fields(bytes, 0, bytes.length, budget); field.next(); ) {
      const number = field.tag >>> 3;
      if ((field.tag & 7) === 0) this.#addNumber(number, field.value);
      else {
        budget.spend(WORK_OF_A_CONTENT);
        this.#add(number, content.subarray(field.start, field.end));
      }
    }
  }

  /** @param {number} field @param {number} value */
  #addNumber(field, value) {
    this.#numbers ??= new Map();
    this.#numbers.set(field, value);
  }

  /** @param {number} field @param {Uint8Array} content */
  #add(field, content) {
    const all = this.#contents.get(field);
    if (all) all.push(content);
    else this.#contents.set(field, [content]);
  }

  /** @param {number} field @returns {Uint8Array[]} */
  all(field) {
    return this.#contents.get(field) ?? [];
  }

  /** @param {number} field @returns {Uint8Array} empty where it is left out */
  bytes(field) {
    return this.all(field)[0] ?? EMPTY;
  }

  /** @param {number} field @returns {boolean} */
  has(field) {
    return this.#contents.has(field) || this.#numbers?.has(field) === true;
  }

  /** @param {number} field @returns {number} 0 where it is left out */
  number(field) {
    return this.#numbers?.get(field) ?? 0;
  }

  /** @param {number} field @returns {number} 0 where it is left out */
  double(field) {
    return doubles(this.all(field))[0] ?? 0;
  }

  /** @param {number} field @returns {number} 0 where it is left out */
  unsigned(field) {
    return unsigneds(this.all(field))[0] ?? 0;
  }

  /**
   * Returns whole milliseconds of a time in nanoseconds, which exceeds the range of a number.
   * @param {number} field @returns {number} 0 where it is left out
   */
  milliseconds(field) {
    const content = this.bytes(field);
    if (!content.length) return 0;
    const view = dataViewOf(content);
    const high = view.getUint32(4, true);
    // 2 ** 32 nanoseconds are 4,294 milliseconds and 967,296 nanoseconds.
    return 4294 * high + Math.floor((967_296 * high + view.getUint32(0, true)) / 1e6);
  }

  /** @param {number} field @returns {number} 0 where it is left out */
  signed(field) {
    const content = this.bytes(field);
    if (!content.length) return 0;
    const view = dataViewOf(content);
    return view.getInt32(4, true) * 2 ** 32 + view.getUint32(0, true);
  }
}

/** Reads packed numbers, or one number per field. @param {Uint8Array[]} contents @returns {number[]} */
export const doubles = (contents) => numbersIn(contents, (view, at) => view.getFloat64(at, true));

/** @param {Uint8Array[]} contents @returns {number[]} */
export const unsigneds = (contents) =>
  numbersIn(contents, (view, at) => view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true));

/** @param {Uint8Array[]} contents @param {(view: DataView, at: number) => number} read @returns {number[]} */
function numbersIn(contents, read) {
  return contents.flatMap((content) => {
    if (content.length % 8) throw new RangeError('numbers that are cut short');
    const view = dataViewOf(content);
    return Array.from({ length: content.length / 8 }, (_, at) => read(view, 8 * at));
  });
}

/** @param {Uint8Array} content */
const dataViewOf = (content) => new DataView(content.buffer, content.byteOffset, content.length);
