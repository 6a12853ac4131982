/** Limits the number of messages in a period. */
export class Pace {
  /** @type {number[]} */
  #times = [];
  #most;
  #milliseconds;

  /** @param {number} most @param {number} milliseconds */
  constructor(most, milliseconds) {
    this.#most = most;
    this.#milliseconds = milliseconds;
  }

  /** Returns whether one more message may be sent. */
  take(now = performance.now()) {
    this.#times = this.#times.filter((time) => time > now - this.#milliseconds);
    if (this.#times.length >= this.#most) return false;
    this.#times.push(now);
    return true;
  }
}
