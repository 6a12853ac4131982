// Limits the memory for request bodies: the total size of the bodies that are in memory at the same time.
import { Refusal } from './server.mjs';

/** Limits the total size of the request bodies that are in memory. */
export class MemoryBudget {
  #free;

  /** Sets the maximum total size of all reservations. @param {number} bytes */
  constructor(bytes) {
    this.#free = bytes;
  }

  /**
   * Runs a task that reserves memory. The task calls `reserveBytes` with a number of bytes. When the task ends,
   * all bytes that it reserved are free again.
   * @template T
   * @param {(reserveBytes: (bytes: number) => void) => Promise<T>} work the task
   * @returns {Promise<T>} result of the task
   * @throws {Refusal} when the task reserves more bytes than are free
   */
  async runTaskThatReservesMemory(work) {
    let lent = 0;
    /**
     * Reserves memory until `work` ends. Throws a refusal if too few bytes are free.
     * @param {number} bytes number of bytes
     */
    const reserveBytes = (bytes) => {
      if (bytes > this.#free)
        throw new Refusal(
          503,
          'the memory for request bodies is in use by other requests: try again later',
          'busy',
        );
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
