// Limits the memory for request bodies: the number of bytes that are in memory at the same time.
import { Refusal } from './server.mjs';

export class Room {
  #free;

  /** Creates room for a number of bytes. @param {number} bytes */
  constructor(bytes) {
    this.#free = bytes;
  }

  /**
   * Runs a task that reserves memory. The task calls `reserveBytes` with the number of bytes. They are released when the task ends.
   * @template T @param {(reserveBytes: (bytes: number) => void) => Promise<T>} work @returns {Promise<T>}
   * @throws {Refusal} when too few bytes are free
   */
  async runWithReservedMemory(work) {
    let lent = 0;
    /** Reserves memory until the task ends. Throws a refusal if too few bytes are free. @param {number} bytes */
    const reserveBytes = (bytes) => {
      if (bytes > this.#free)
        throw new Refusal(503, 'other requests use all of the memory for bodies: try again later', 'busy');
      this.#free -= bytes;
      lent += bytes;
    };
    try {
      return await work(reserveBytes);
    } finally {
      this.#free += lent;
    }
  }
}
