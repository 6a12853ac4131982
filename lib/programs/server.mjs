/**
 * Library of the programs that the manifests contain: JavaScript without packages, for Node.js of the image `node`.
 *
 * Each program has a folder next to its construct. `main.mjs` reads the environment variables and starts the program; tests import
 * the other modules. The construct imports the bundled program as one text, and puts the text into a ConfigMap:
 *
 *     import program from './push-filter/main.mjs?bundle';
 *
 * | for | modules |
 * |---|---|
 * | HTTP | `server` (server, body size limit, responses with a reason), `upstream` (client of one server) |
 * | limits | `memory-budget` (bytes in memory), `task-queue` (concurrent requests), `shares` and `total` (series by node and group), `known-series`, `keyed-series`, `pushed-series` (series over time, also after restarts) |
 * | metrics | `metrics` (counters and gauges in the text format), `origins` (names of clients, up to a maximum) |
 * | credentials | `credentials` (files of a Secret, Basic Auth) |
 * | log | `state-log`: one line for each change of state |
 * | state | `saved-state` (a file that survives the pod), `forgetting` (POST /forget) |
 * | formats | `grouping-key`, `bodies`, `exposition`, `metric-families`, `pushes`, `protobuf`, `snappy`, `keyed-hash` |
 *
 * This module is the HTTP server: size limit of request bodies, responses with a reason, graceful shutdown.
 */

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(request: Request, response: Response) => void} Handler
 * @typedef {{ handler: Handler, port: number, host?: string }} Listener an HTTP server to start; with port 0, it uses any free port
 */
import { createServer } from 'node:http';

const SERVER = {
  /**
   * Maximum size of all request headers in bytes. It is larger than nginx's maximum of 33 KiB, because Node.js closes
   * the connection without a response if headers are larger.
   */
  maxHeaderSize: 64 * 2 ** 10,
  /**
   * Idle timeout of connections in milliseconds. The proxy must close idle connections first, which it does after a
   * minute. Otherwise, a request that is being sent would fail with 502.
   */
  keepAliveTimeout: 90_000,
  /** Timeout for the headers in milliseconds, short because the proxy in front sends complete requests. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};

const RETRY_SECONDS = 5;

/**
 * Error that the server turns into a response: the HTTP status, the message for the client, and the reason for
 * counters.
 */
export class Refusal extends Error {
  /**
   * Creates the error for a rejected request.
   * @param {number} status HTTP status
   * @param {string} message for the client
   * @param {string} [reason] value of the label `reason` in counters
   */
  constructor(status, message, reason = 'invalid') {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/**
 * Reads the body of a request, without decompressing it.
 * @param {import('node:http').IncomingMessage} request
 * @param {number} longest maximum size in bytes
 * @param {(bytes: number) => void} [reserveBytes] called with the size of each part of the body that arrives; can
 * throw to refuse the body
 * @returns {Promise<Buffer>}
 * @throws {Refusal} when the body is larger than `longest`
 */
export async function readRequestBody(request, longest, reserveBytes = () => {}) {
  /** Creates the refusal of a body that is too large. */
  const bodyTooLargeRefusal = () => new Refusal(413, `the body is larger than ${longest} bytes`, 'too_large');
  const chunks = [];
  let length = Number(request.headers['content-length'] ?? 0);
  try {
    if (length > longest) throw bodyTooLargeRefusal();
    length = 0;
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > longest) throw bodyTooLargeRefusal();
      reserveBytes(chunk.length);
      chunks.push(chunk);
    }
  } finally {
    // The rest of a refused body is read and discarded. If the connection were closed while a proxy still sends, the proxy
    // would respond with 502 instead of the reason. `requestTimeout` limits the time.
    request.resume();
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/**
 * Returns a signal that is aborted if the client disconnects before it has received the whole response.
 * @param {import('node:http').ServerResponse} response
 * @returns {AbortSignal}
 */
export function createDisconnectSignal(response) {
  const gone = new AbortController();
  response.on('close', () => response.writableFinished || gone.abort());
  return gone.signal;
}

/**
 * Sends a response. A response with the status 503 gets the header `Retry-After`.
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} text body of the response
 * @param {string} [type] value of `Content-Type`
 */
export function sendResponse(response, status, text, type = 'text/plain; charset=utf-8') {
  const later = status === 503 && { 'Retry-After': RETRY_SECONDS };
  response.writeHead(status, { 'Content-Type': type, ...later }).end(text);
}

/**
 * Starts an HTTP server for each listener.
 * @param {readonly Listener[]} listeners
 * @returns {import('node:http').Server[]}
 */
export const startServers = (listeners) =>
  listeners.map(({ handler, port, host }) => createServer(SERVER, handler).listen(port, host));

/**
 * Starts an HTTP server for each listener. After SIGTERM, open requests have 5 seconds to complete before the process
 * ends.
 * @param {readonly Listener[]} listeners
 * @param {() => void} [atEnd] called immediately after SIGTERM
 */
export function serveUntilSigterm(listeners, atEnd = () => {}) {
  const servers = startServers(listeners);
  process.on('SIGTERM', () => {
    atEnd();
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
    setTimeout(() => process.exit(0), 5_000).unref();
  });
}
