/** Lets so many messages through in so much time. */
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

  /** Whether one more may go. */
  take(now = performance.now()) {
    this.#times = this.#times.filter((time) => time > now - this.#milliseconds);
    if (this.#times.length >= this.#most) return false;
    this.#times.push(now);
    return true;
  }
}
