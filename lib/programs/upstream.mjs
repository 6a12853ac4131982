// Sends requests to the server behind a filter, and forwards or reads the responses.
import { Agent, request as ask } from 'node:http';
import { Refusal } from './server.mjs';

/** Error for a request without a response. The server may have stored the request. */
export class Unanswered extends Refusal {}

/** Idle timeout of connections. It is shorter than that of vmagent, Pushgateway and Prometheus, so that the client closes first. */
const IDLE_MS = 30_000;

/** Options of an `Agent` that keeps connections open between requests. */
export const KEPT_OPEN = { keepAlive: true, timeout: IDLE_MS };

/**
 * Callback for a request that fails without a response.
 * @typedef {(request: import('node:http').ClientRequest, error: NodeJS.ErrnoException) => void} Failed
 */

/**
 * Function that sends a request on a connection of an agent, or on a new connection if the agent is `false`.
 * @template T
 * @typedef {(agent: import('node:http').Agent | false, failed: Failed) => Promise<T>} Exchange
 */

/**
 * Sends a request, and retries it once on a new connection if the server closed a reused connection. This happens if the
 * server, or a proxy in front of it, closes an idle connection while the request is being sent. Requests must be idempotent.
 * @template T
 * @param {import('node:http').Agent} kept
 * @param {Exchange<T>} sendOnConnection
 * @returns {Promise<T>} @throws {Error} the error of the first attempt, when both attempts failed
 */
export async function sendWithRetry(kept, sendOnConnection) {
  let wasEnded = false;
  /** @type {Failed} */
  const recordFailure = ({ reusedSocket }, { code = '' }) => {
    wasEnded = reusedSocket && ['ECONNRESET', 'EPIPE'].includes(code);
  };
  try {
    return await sendOnConnection(kept, recordFailure);
  } catch (error) {
    if (!wasEnded) throw error;
    return sendOnConnection(false, () => {}).catch(() => Promise.reject(error));
  }
}

export class Upstream {
  #name;
  #agent = new Agent(KEPT_OPEN);
  #options;

  /**
   * Creates a client for a server. `answerMs` is the timeout of a response in milliseconds.
   * @param {string} name for messages @param {{ host?: string, port: number, answerMs: number }} server
   */
  constructor(name, { host = '127.0.0.1', port, answerMs }) {
    this.#name = name;
    this.#options = { host, port, timeout: answerMs };
  }

  /**
   * Sends a request.
   * @param {{ method: string, path: string, headers?: import('node:http').OutgoingHttpHeaders, body?: Buffer, signal?: AbortSignal }} request
   * @returns {Promise<import('node:http').IncomingMessage>} the response; the caller must read its body
   * @throws {Unanswered} when the server does not respond @throws {Refusal} when the server cannot be reached
   */
  sendRequest({ body, headers = {}, ...request }) {
    /** @type {Exchange<import('node:http').IncomingMessage>} */
    const exchange = (agent, failed) =>
      new Promise((resolve, reject) => {
        const asked = ask({ ...this.#options, ...request, headers, agent }, resolve);
        asked.on('timeout', () => asked.destroy(new Error(`no data for ${this.#options.timeout / 1_000} s`)));
        asked.on('error', (error) => {
          failed(asked, error);
          reject(this.#failureRefusal(error));
        });
        asked.end(body);
      });
    return sendWithRetry(this.#agent, exchange);
  }

  /**
   * Returns the refusal for a failed request. The error shows whether the server can have stored the request.
   * @param {NodeJS.ErrnoException} error
   */
  #failureRefusal({ code, message }) {
    if (code === 'ECONNREFUSED') {
      return new Refusal(502, `${this.#name} is not running: ${message}`, 'unavailable');
    }
    const what = `${this.#name} does not respond: ${message}; the request may have been stored`;
    return new Unanswered(502, what, 'unanswered');
  }
}

/**
 * Forwards a response to the client as it arrives. If the client has disconnected, the rest of the response is read and discarded.
 * @param {import('node:http').IncomingMessage} answer @param {import('node:http').ServerResponse} response
 */
export function relayResponse(answer, response) {
  answer.on('error', () => response.destroy());
  if (response.destroyed) {
    answer.resume();
    return;
  }
  response.on('close', () => answer.resume());
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
}

/** Reads the beginning of a response. @param {import('node:http').IncomingMessage} answer @param {number} longest maximum number of bytes @returns {Promise<Buffer>} */
export async function readResponseStart(answer, longest) {
  const chunks = [];
  let length = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    length += chunk.length;
    // Closes the connection, because the rest of the body is not needed.
    if (length >= longest) break;
  }
  return chunks.length === 1 && length <= longest ? chunks[0] : Buffer.concat(chunks).subarray(0, longest);
}
