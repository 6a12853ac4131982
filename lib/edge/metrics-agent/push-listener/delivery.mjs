// Sends samples to the agent. While the agent restarts, a push waits; its samples keep the time at which they arrived.
import { encodeLatin1 } from '../../../programs/characters.mjs';
import { Refusal } from '../../../programs/server.mjs';

/** Milliseconds between two attempts to send the samples of a push to the agent. */
const PAUSE_MS = 250;

/** Maximum memory in bytes that an nginx worker uses for pushes that wait for the agent. */
const MAX_WAITING_BYTES = 4 * 2 ** 20;
/** Memory of a push in bytes, in addition to its samples: the JavaScript context of its request. */
const BYTES_OF_A_REQUEST = 128 * 2 ** 10;

/**
 * Sends samples to the agent, and retries until the agent accepts them.
 * @param {string} text samples, in latin1 @param {string} url URL of the agent's import API
 * @param {string} password password of the agent's HTTP server @param {number} patienceMs maximum time for retries, in
 * milliseconds
 * @throws {Refusal} when the agent does not accept the samples in time, or when too many pushes wait already
 */
export async function deliverSamples(text, url, password, patienceMs) {
  const needed = 2 * text.length + BYTES_OF_A_REQUEST;
  // The memory is counted per worker process, because the memory of a killed worker is free again.
  /**
   * Increases the counter of the memory that waiting pushes use in this nginx worker. Returns the new value in bytes.
   * @param {number} bytes negative to reduce the counter
   */
  const addToWaitingBytes = (bytes) => ngx.shared.waiting.incr(`${process.pid}`, bytes, 0);
  try {
    if (addToWaitingBytes(needed) > MAX_WAITING_BYTES)
      throw new Refusal(503, 'too many pushes wait for the metrics agent: retry later', 'busy');
    await deliverWithRetries(text, url, password, patienceMs);
  } finally {
    addToWaitingBytes(-needed);
  }
}

/**
 * Sends samples, and retries until the agent accepts them. Does not check the limit for waiting pushes.
 * @param {string} text latin1 @param {string} url @param {string} password @param {number} patienceMs
 * @throws {Refusal}
 */
async function deliverWithRetries(text, url, password, patienceMs) {
  const request = {
    method: 'POST',
    body: encodeLatin1(text),
    headers: { Authorization: `Basic ${Buffer.from(`agent:${password}`).toString('base64')}` },
  };
  const end = Date.now() + patienceMs;
  for (;;) {
    const trouble = await trySendRequest(url, request);
    if (!trouble) return;
    if (Date.now() + PAUSE_MS > end)
      throw new Refusal(503, `the metrics agent does not accept samples: ${trouble}`, 'agent_down');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/**
 * Sends one request. Returns the text of the error, or `undefined` if the agent responded with HTTP status 204.
 * @param {string} url @param {Parameters<typeof ngx.fetch>[1]} request
 * @returns {Promise<string | undefined>}
 */
async function trySendRequest(url, request) {
  try {
    const { status } = await ngx.fetch(url, request);
    return status === 204 ? undefined : `its response is HTTP ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  }
}
