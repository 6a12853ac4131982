// Limits the number of concurrent tasks, and thereby their memory.
import { Refusal } from './server.mjs';

export class Turns {
  #free;
  #mostWaiting;
  /** Waiting tasks, in order of arrival. @type {Set<() => void>} */
  #waiting = new Set();

  /**
   * Creates a queue without tasks.
   * @param {number} atOnce maximum number of concurrent tasks @param {number} mostWaiting maximum number of waiting tasks
   */
  constructor(atOnce, mostWaiting) {
    this.#free = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Runs a task as soon as fewer than the maximum number of tasks run.
   * @template T @param {() => Promise<T>} work @param {AbortSignal} gone aborted when the client disconnects
   * @returns {Promise<T>} @throws {Refusal} when too many tasks are waiting, or the client has disconnected
   */
  async runInTurn(work, gone) {
    if (gone.aborted) throw clientLeftRefusal();
    if (this.#free > 0) this.#free--;
    else await this.#waitForTurn(gone);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    }
  }

  /**
   * Waits until the next task may start. Throws a refusal if too many tasks wait, or when the client disconnects.
   * @param {AbortSignal} gone
   */
  #waitForTurn(gone) {
    if (this.#waiting.size >= this.#mostWaiting) {
      throw new Refusal(503, `${this.#mostWaiting} requests are already waiting: try again later`, 'busy');
    }
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        this.#waiting.delete(startTurn);
        reject(clientLeftRefusal());
      };
      const startTurn = () => {
        this.#waiting.delete(startTurn);
        gone.removeEventListener('abort', stopWaiting);
        resolve(undefined);
      };
      this.#waiting.add(startTurn);
      gone.addEventListener('abort', stopWaiting);
    });
  }
}

const clientLeftRefusal = () => new Refusal(499, 'the client has disconnected', 'client_left');
