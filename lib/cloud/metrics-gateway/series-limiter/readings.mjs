// Recognizes repeated series of a request by their bytes, without a hash: a batch has several samples of each series,
// in the same order.

export class Readings {
  #view;
  /** Positions of the labels of each series. @type {number[]} */
  #starts = [];
  /** @type {number[]} */
  #ends = [];
  /** Index of the expected next series, if the order repeats. */
  #next = 0;

  /** @param {Buffer} request */
  constructor(request) {
    this.#view = new DataView(request.buffer, request.byteOffset, request.length);
  }

  /** @param {number} start of the labels @param {number} end behind them */
  add(start, end) {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /**
   * @param {number} start @param {number} end
   * @returns {number} behind the labels, when they are those of the series that comes next, or of the one after; else 0
   */
  endOfLabels(start, end) {
    const { length } = this.#starts;
    for (let ahead = 0; ahead < 2 && ahead < length; ahead++) {
      const index = (this.#next + ahead) % length;
      const size = this.#ends[index] - this.#starts[index];
      if (start + size <= end && this.#areEqual(start, this.#starts[index], size)) {
        this.#next = index + 1;
        return start + size;
      }
    }
    return 0;
  }

  /** @param {number} one @param {number} other @param {number} size */
  #areEqual(one, other, size) {
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
