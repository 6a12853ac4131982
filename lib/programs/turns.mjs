// Limits the number of concurrent tasks, and so their memory.
import { Refusal } from './server.mjs';

export class Turns {
  #free;
  #mostWaiting;
  /** Tasks in order of arrival. @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {number} atOnce @param {number} mostWaiting */
  constructor(atOnce, mostWaiting) {
    this.#free = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * @template T @param {() => Promise<T>} work @param {AbortSignal} gone ends the wait of a client that has left
   * @returns {Promise<T>} @throws {Refusal} when too many wait, or the client has left
   */
  async take(work, gone) {
    if (gone.aborted) throw clientLeftRefusal();
    if (this.#free > 0) this.#free--;
    else await this.#turn(gone);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    }
  }

  /** @param {AbortSignal} gone */
  #turn(gone) {
    if (this.#waiting.size >= this.#mostWaiting) {
      throw new Refusal(503, `${this.#mostWaiting} requests wait already: try again`, 'busy');
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(begin);
        reject(clientLeftRefusal());
      };
      const begin = () => {
        this.#waiting.delete(begin);
        gone.removeEventListener('abort', leave);
        resolve(undefined);
      };
      this.#waiting.add(begin);
      gone.addEventListener('abort', leave);
    });
  }
}

const clientLeftRefusal = () => new Refusal(499, 'the client has left', 'client_left');
