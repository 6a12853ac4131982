// Queues for request bodies: large bodies have a separate queue, so that small bodies never wait for them.
import { MemoryBudget } from '../../../programs/memory-budget.mjs';
import { readRequestBody } from '../../../programs/server.mjs';
import { TaskQueue } from '../../../programs/task-queue.mjs';

/** Maximum size of a small request body before decompression, in bytes. */
const SMALL_BODY = 64 * 2 ** 10;
/**
 * Maximum size of a small request body after decompression, in bytes. A push of an ordinary node has about a
 * fifth of this size.
 */
const SMALL_TEXT = 512 * 2 ** 10;
/**
 * Maximum total size in bytes of the bodies in the queue for small bodies. The values of both queues are small enough
 * that the program and all bodies fit into the memory limit of the container.
 */
const SMALL_BODIES = 8 * 2 ** 20;
/** Maximum total size in bytes of the bodies in the queue for large bodies. */
const LARGE_BODIES = 8 * 2 ** 20;

/** Queues for small and large request bodies. */
export class BodyQueues {
  #small = { memory: new MemoryBudget(SMALL_BODIES), tasks: new TaskQueue(8, 1_000) };
  #large = { memory: new MemoryBudget(LARGE_BODIES), tasks: new TaskQueue(1, 100) };
  #longest;

  /**
   * Creates empty queues.
   * @param {number} longest maximum size of a body in bytes, before and after decompression
   */
  constructor(longest) {
    this.#longest = longest;
  }

  /**
   * Reads the body of a request, waits in a queue, and then processes the body. A small body that is too
   * large after decompression waits again, in the queue for large bodies.
   * @param {import('../../../programs/server.mjs').Request} request
   * @param {(body: Buffer, longest: number) => Promise<void>} work processes a body; throws a refusal with
   * the reason `too_large` if the decompressed body exceeds `longest` bytes
   * @param {AbortSignal} gone aborted when the client disconnects
   * @throws {Refusal} if the queue is full, the body is too large, or `work` refuses the body
   */
  async queueAndProcessBody(request, work, gone) {
    const isSmall = Number(request.headers['content-length'] ?? Number.NaN) <= SMALL_BODY;
    const { memory } = isSmall ? this.#small : this.#large;
    await memory.runTaskThatReservesMemory(async (reserveBytes) => {
      const body = await readRequestBody(request, this.#longest, reserveBytes);
      if (isSmall && (await this.#processInSmallQueueUnlessTooLarge((longest) => work(body, longest), gone)))
        return;
      await this.#large.tasks.runWhenSlotIsFree(() => work(body, this.#longest), gone);
    });
  }

  /**
   * Processes a body in the queue for small bodies.
   * @param {(longest: number) => Promise<void>} work processes the body
   * @param {AbortSignal} gone aborted when the client disconnects
   * @returns {Promise<boolean>} false if the decompressed body is too large for this queue
   * @throws {Refusal} if the queue is full, or `work` refuses the body for another reason
   */
  async #processInSmallQueueUnlessTooLarge(work, gone) {
    try {
      await this.#small.tasks.runWhenSlotIsFree(() => work(Math.min(SMALL_TEXT, this.#longest)), gone);
      return true;
    } catch (error) {
      if (error.reason === 'too_large') return false;
      throw error;
    }
  }
}
