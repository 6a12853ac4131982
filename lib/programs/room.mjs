// Limits the memory for request bodies by the number of bytes that are held at once.
import { Refusal } from './server.mjs';

export class Room {
  #free;

  /** @param {number} bytes */
  constructor(bytes) {
    this.#free = bytes;
  }

  /**
   * Reserves bytes for a task, which requests them through a function, until it is done.
   * @template T @param {(take: (bytes: number) => void) => Promise<T>} work @returns {Promise<T>}
   * @throws {Refusal} when there are not as many left
   */
  async lend(work) {
    let lent = 0;
    /** @param {number} bytes */
    const take = (bytes) => {
      if (bytes > this.#free)
        throw new Refusal(503, 'too many bytes of other requests wait: try again', 'busy');
      this.#free -= bytes;
      lent += bytes;
    };
    try {
      return await work(take);
    } finally {
      this.#free += lent;
    }
  }
}
