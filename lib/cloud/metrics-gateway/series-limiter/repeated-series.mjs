// Recognizes repeated series in a request by comparing bytes, which is faster than hashing. A request of an agent
// contains the series of several scrapes, in the same order.

/**
 * The accepted series of a request. Later series of the request are compared with these series, because an agent's
 * request can contain the same series several times.
 */
export class RepeatedSeries {
  #view;
  /** For each series: position of its first label in the request. @type {number[]} */
  #starts = [];
  /** For each series: position after its last label in the request. @type {number[]} */
  #ends = [];
  /** Index of the series that is expected next, because agents repeat the series in the same order. */
  #next = 0;

  /** Creates a list without series. @param {Buffer} request decompressed; its accepted series are added later */
  constructor(request) {
    this.#view = new DataView(request.buffer, request.byteOffset, request.length);
  }

  /**
   * Adds an accepted series, to compare later series with it.
   * @param {number} start position of the first label in the request
   * @param {number} end position after the last label in the request
   */
  rememberAcceptedSeries(start, end) {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /**
   * Compares the labels of a series with two accepted series: the series that is expected next, and the one after.
   * @param {number} start position of the series in the request
   * @param {number} end position after the series
   * @returns {number} position after the last label if one of the two series has equal labels; otherwise 0
   */
  findEndOfLabelsIfRepeated(start, end) {
    const { length } = this.#starts;
    for (let ahead = 0; ahead < 2 && ahead < length; ahead++) {
      const index = (this.#next + ahead) % length;
      const size = this.#ends[index] - this.#starts[index];
      if (start + size <= end && this.#areByteRangesEqual(start, this.#starts[index], size)) {
        this.#next = index + 1;
        return start + size;
      }
    }
    return 0;
  }

  /**
   * Returns whether two ranges of bytes in the request are equal.
   * @param {number} one position of the first range
   * @param {number} other position of the second range
   * @param {number} size number of bytes in each range
   */
  #areByteRangesEqual(one, other, size) {
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
