/** Rate limiter: allows a maximum number of messages in a sliding period. */
export class RateLimiter {
  /** Times of the counted messages in the period, in milliseconds. @type {number[]} */
  #times = [];
  #most;
  #milliseconds;

  /**
   * Creates a rate limiter.
   * @param {number} most maximum number of messages in the period
   * @param {number} milliseconds length of the period
   */
  constructor(most, milliseconds) {
    this.#most = most;
    this.#milliseconds = milliseconds;
  }

  /**
   * Returns whether another message may be sent now. If so, counts the message.
   * @param {number} [now] current time in milliseconds
   */
  tryAcquirePermit(now = performance.now()) {
    this.#times = this.#times.filter((time) => time > now - this.#milliseconds);
    if (this.#times.length >= this.#most) return false;
    this.#times.push(now);
    return true;
  }
}
