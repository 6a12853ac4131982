// Limits the number of tasks that run at the same time, and thereby their memory.
import { Refusal } from './server.mjs';

/** A queue that limits how many tasks run at the same time, and how many tasks wait. */
export class TaskQueue {
  #free;
  #mostWaiting;
  /** Functions that start the waiting tasks, in order of arrival. @type {Set<() => void>} */
  #waiting = new Set();

  /**
   * Creates an empty queue.
   * @param {number} atOnce maximum number of tasks that run at the same time
   * @param {number} mostWaiting maximum number of waiting tasks
   */
  constructor(atOnce, mostWaiting) {
    this.#free = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Runs a task, after waiting for other tasks if the maximum number of tasks is running.
   * @template T
   * @param {() => Promise<T>} work the task
   * @param {AbortSignal} gone aborted when the client disconnects
   * @returns {Promise<T>} result of the task
   * @throws {Refusal} when too many tasks are waiting, or the client disconnects before the task starts
   */
  async runWhenSlotIsFree(work, gone) {
    if (gone.aborted) throw clientDisconnectedRefusal();
    if (this.#free > 0) this.#free--;
    else await this.#waitForSlot(gone);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    }
  }

  /**
   * Waits until the task may start. Throws a refusal if too many tasks wait, or if the client disconnects.
   * @param {AbortSignal} gone aborted when the client disconnects
   */
  #waitForSlot(gone) {
    if (this.#waiting.size >= this.#mostWaiting) {
      throw new Refusal(503, `${this.#mostWaiting} requests are already waiting: try again later`, 'busy');
    }
    return new Promise((resolve, reject) => {
      const rejectWaitingTask = () => {
        this.#waiting.delete(startWaitingTask);
        reject(clientDisconnectedRefusal());
      };
      const startWaitingTask = () => {
        this.#waiting.delete(startWaitingTask);
        gone.removeEventListener('abort', rejectWaitingTask);
        resolve(undefined);
      };
      this.#waiting.add(startWaitingTask);
      gone.addEventListener('abort', rejectWaitingTask);
    });
  }
}

/** Creates the refusal of a request whose client has disconnected. */
const clientDisconnectedRefusal = () => new Refusal(499, 'the client has disconnected', 'client_left');
