// So much at once, and no more: what is beyond waits, first come, first served.
import { Refusal } from './server.mjs';

/** What waits holds a part of its body in memory. */
const MOST_WAITING = 500;

export class Turns {
  #free;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} atOnce */
  constructor(atOnce) {
    this.#free = atOnce;
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} @throws {Refusal} when too many wait */
  async take(work) {
    if (this.#waiting.length >= MOST_WAITING) throw new Refusal(503, 'too many requests wait', 'busy');
    if (this.#free > 0) this.#free--;
    else await new Promise((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
