// Recognizes series that occur repeatedly in a request by comparing bytes, which is faster than hashing. A
// request of an agent contains the series of several scrapes, in the same order.

export class RepeatedSeries {
  #view;
  /** Positions of the labels of each series. @type {number[]} */
  #starts = [];
  /** @type {number[]} */
  #ends = [];
  /** Index of the expected next series, if the order repeats. */
  #next = 0;

  /** Creates the comparison for the series of a request. @param {Buffer} request */
  constructor(request) {
    this.#view = new DataView(request.buffer, request.byteOffset, request.length);
  }

  /**
   * Adds a series.
   * @param {number} start position of its labels
   * @param {number} end position after its labels
   */
  addSeries(start, end) {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /**
   * Compares a series with the next two expected series.
   * @param {number} start
   * @param {number} end
   * @returns {number} position after the labels if the labels are equal; otherwise 0
   */
  findEndOfLabels(start, end) {
    const { length } = this.#starts;
    for (let ahead = 0; ahead < 2 && ahead < length; ahead++) {
      const index = (this.#next + ahead) % length;
      const size = this.#ends[index] - this.#starts[index];
      if (start + size <= end && this.#hasEqualBytes(start, this.#starts[index], size)) {
        this.#next = index + 1;
        return start + size;
      }
    }
    return 0;
  }

  /**
   * Returns whether the bytes at two positions of the request are equal. `size` is the number of bytes.
   * @param {number} one @param {number} other @param {number} size
   */
  #hasEqualBytes(one, other, size) {
    const whole = size & ~3;
    for (let at = 0; at < whole; at += 4) {
      if (this.#view.getInt32(one + at) !== this.#view.getInt32(other + at)) return false;
    }
    for (let at = whole; at < size; at++) {
      if (this.#view.getUint8(one + at) !== this.#view.getUint8(other + at)) return false;
    }
    return true;
  }
}
