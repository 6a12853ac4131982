// How many may be in the middle of something at once, which bounds the memory that it takes.
import { Refusal } from './server.mjs';

export class Turns {
  #free;
  #mostWaiting;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} atOnce @param {number} mostWaiting */
  constructor(atOnce, mostWaiting) {
    this.#free = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} @throws {Refusal} when too many wait */
  async take(work) {
    if (this.#free > 0) this.#free--;
    else await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  #turn() {
    if (this.#waiting.length >= this.#mostWaiting) throw new Refusal(503, 'busy: try again', 'busy');
    return new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
  }
}
