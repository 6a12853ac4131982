/**
 * The library of the programs that manifests ship, in plain JavaScript for the Node.js of the image `node`, without packages.
 *
 * A program is a folder beside its construct: `main.mjs` reads the environment and starts it, other modules implement it, and tests
 * import these as code. A construct imports the bundled text and ships it as one file:
 *
 *     import program from './push-filter/main.mjs?bundle';
 *
 * | for | modules |
 * |---|---|
 * | HTTP | `server` (serve, read bodies under a limit, answer or refuse with a reason), `upstream` (requests to one server) |
 * | limits | `room` (bytes at once), `turns` (requests at once), `shares` and `total` (series by node and group), `known-series`, `keyed-series`, `pushed-series` (series over time and restarts) |
 * | counters | `metrics` (counters and gauges in the text format), `origins` (names of clients, up to a maximum) |
 * | credentials | `credentials` (files of a Secret, Basic Auth) |
 * | log | `state-log`: one line for each change of state |
 * | state | `saved-state` (a file that survives the pod), `forgetting` (POST /forget) |
 * | formats | `grouping-key`, `bodies`, `exposition`, `metric-families`, `pushes`, `protobuf`, `snappy`, `keyed-hash` |
 *
 * This module is the HTTP server: request bodies under a limit, responses with a reason, graceful shutdown.
 */
import { createServer } from 'node:http';

const SERVER = {
  /**
   * Maximum size of all headers in bytes: nginx accepts 33 KiB, and a larger size here would close the connection
   * instead of sending a response.
   */
  maxHeaderSize: 64 * 2 ** 10,
  /**
   * Longer than the minute after which a proxy closes idle connections: a client whose connection is closed during a
   * request gets 502.
   */
  keepAliveTimeout: 90_000,
  /** A proxy sends complete requests, so a client that stalls does not hold a connection for long. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};

const RETRY_SECONDS = 5;

/** Error with the status of a response other than success. */
export class Refusal extends Error {
  /** @param {number} status @param {string} message error for the client @param {string} [reason] one word for counters */
  constructor(status, message, reason = 'invalid') {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/**
 * Returns the body of a request as received.
 * @param {import('node:http').IncomingMessage} request @param {number} longest bytes
 * @param {(bytes: number) => void} [take] is asked for the memory that it takes, as it comes
 * @returns {Promise<Buffer>} @throws {Refusal}
 */
export async function readBody(request, longest, take = () => {}) {
  const refusal = () => new Refusal(413, `a body of more than ${longest} bytes`, 'too_large');
  const chunks = [];
  let length = Number(request.headers['content-length'] ?? 0);
  try {
    if (length > longest) throw refusal();
    length = 0;
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > longest) throw refusal();
      take(chunk.length);
      chunks.push(chunk);
    }
  } finally {
    // The rest of a refused body is read and dropped: if the connection is closed while a proxy still sends, the proxy
    // responds with 502 instead of the reason. `requestTimeout` limits the time.
    request.resume();
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/**
 * Returns a signal that aborts if the client disconnects before the response.
 * @param {import('node:http').ServerResponse} response @returns {AbortSignal}
 */
export function abortOnClose(response) {
  const gone = new AbortController();
  response.on('close', () => response.writableFinished || gone.abort());
  return gone.signal;
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {string} text @param {string} [type] */
export function respond(response, status, text, type = 'text/plain; charset=utf-8') {
  const later = status === 503 && { 'Retry-After': RETRY_SECONDS };
  response.writeHead(status, { 'Content-Type': type, ...later }).end(text);
}

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(request: Request, response: Response) => void} Handler
 * @typedef {{ handler: Handler, port: number, host?: string }} Listener 0 is any free port
 */

/** @param {readonly Listener[]} listeners @returns {import('node:http').Server[]} */
export const listen = (listeners) =>
  listeners.map(({ handler, port, host }) => createServer(SERVER, handler).listen(port, host));

/**
 * Serves until SIGTERM, after which the process ends within seconds.
 * @param {readonly Listener[]} listeners
 * @param {() => void} [atEnd] called before it ends
 */
export function serve(listeners, atEnd = () => {}) {
  const servers = listen(listeners);
  process.on('SIGTERM', () => {
    atEnd();
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
    setTimeout(() => process.exit(0), 5_000).unref();
  });
}
