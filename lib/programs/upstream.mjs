// Sends requests to the server behind a filter, and forwards or reads the responses.

/**
 * Function that is called with a request that failed without a response, and with the error.
 * @typedef {(request: import('node:http').ClientRequest, error: NodeJS.ErrnoException) => void} Failed
 */

/**
 * Function that sends a request on a connection of an agent, or on a new connection if the agent is `false`.
 * @template T
 * @typedef {(agent: import('node:http').Agent | false, failed: Failed) => Promise<T>} Exchange
 */
import { Agent, request as ask } from 'node:http';
import { Refusal } from './server.mjs';

/**
 * Refusal of a request that a filter forwarded, but to which the server behind the filter did not respond. The server
 * may have processed the request.
 */
export class Unanswered extends Refusal {}

/**
 * Time in milliseconds after which an idle connection is closed. It is shorter than the idle timeouts of
 * vmagent, Pushgateway and Prometheus, so that this program closes the connection first.
 */
const IDLE_MS = 30_000;

/** Options of an `Agent` of Node.js that keeps connections open between requests. */
export const KEPT_OPEN = { keepAlive: true, timeout: IDLE_MS };

/**
 * Sends a request on an open connection of an earlier request, if there is one. If the server closes this connection
 * before it responds, the function sends the request a second time, on a new connection. Requests must be idempotent.
 * @template T
 * @param {import('node:http').Agent} kept agent that keeps connections open
 * @param {Exchange<T>} sendOnConnection sends the request
 * @returns {Promise<T>}
 * @throws {Error} the error of the first attempt, when no attempt succeeds
 */
export async function sendWithRetryOnNewConnection(kept, sendOnConnection) {
  let wasEnded = false;
  /** Stores in `wasEnded` whether the server closed a reused connection. @type {Failed} */
  const recordIfReusedConnectionClosed = ({ reusedSocket }, { code = '' }) => {
    wasEnded = reusedSocket && ['ECONNRESET', 'EPIPE'].includes(code);
  };
  try {
    return await sendOnConnection(kept, recordIfReusedConnectionClosed);
  } catch (error) {
    if (!wasEnded) throw error;
    return sendOnConnection(false, () => {}).catch(() => Promise.reject(error));
  }
}

/** HTTP client of a filter for the server behind the filter, such as Pushgateway. */
export class Upstream {
  #name;
  #agent = new Agent(KEPT_OPEN);
  #options;

  /**
   * Creates a client of one server.
   * @param {string} name of the server, for messages
   * @param {{ host?: string, port: number, answerMs: number }} server `answerMs`: time in milliseconds without data
   * after which a request fails
   */
  constructor(name, { host = '127.0.0.1', port, answerMs }) {
    this.#name = name;
    this.#options = { host, port, timeout: answerMs };
  }

  /**
   * Sends a request, and returns the response when its headers have arrived.
   * @param {{ method: string, path: string, headers?: import('node:http').OutgoingHttpHeaders, body?: Buffer,
   * signal?: AbortSignal }} request
   * @returns {Promise<import('node:http').IncomingMessage>} the response; the caller must read its body
   * @throws {Unanswered} when the connection ends or times out without a response
   * @throws {Refusal} when nothing listens on the port of the server
   */
  sendRequest({ body, headers = {}, ...request }) {
    /** Sends the request with an agent. @type {Exchange<import('node:http').IncomingMessage>} */
    const sendOnConnection = (agent, failed) =>
      new Promise((resolve, reject) => {
        const asked = ask({ ...this.#options, ...request, headers, agent }, resolve);
        asked.on('timeout', () => asked.destroy(new Error(`no data for ${this.#options.timeout / 1_000} s`)));
        asked.on('error', (error) => {
          failed(asked, error);
          reject(this.#failedRequestRefusal(error));
        });
        asked.end(body);
      });
    return sendWithRetryOnNewConnection(this.#agent, sendOnConnection);
  }

  /**
   * Returns the refusal for a request that failed. The result is an `Unanswered` if the server may have
   * processed the request, and an ordinary `Refusal` if not.
   * @param {NodeJS.ErrnoException} error
   */
  #failedRequestRefusal({ code, message }) {
    if (code === 'ECONNREFUSED') {
      return new Refusal(502, `${this.#name} is not running: ${message}`, 'unavailable');
    }
    const what = `${this.#name} does not respond: ${message}; the request may have been stored`;
    return new Unanswered(502, what, 'unanswered');
  }
}

/**
 * Forwards a response to the client while it arrives. If the client has disconnected, the rest of the response is
 * read and discarded.
 * @param {import('node:http').IncomingMessage} answer response of the server
 * @param {import('node:http').ServerResponse} response to the client
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

/**
 * Reads the first bytes of a response body. Closes the connection if the body has at least `longest` bytes.
 * @param {import('node:http').IncomingMessage} answer response of the server
 * @param {number} longest maximum number of bytes to return
 * @returns {Promise<Buffer>} the body, or its first `longest` bytes
 */
export async function readFirstResponseBytes(answer, longest) {
  const chunks = [];
  let length = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection, because the rest of the body is not needed.
    if (length >= longest) break;
  }
  return chunks.length === 1 && length <= longest ? chunks[0] : Buffer.concat(chunks).subarray(0, longest);
}
