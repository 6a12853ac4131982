import {
  type IncomingMessage,
  request as overHttp,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { request as overTls } from 'node:https';

/** A server of metrics or logs that the preview asks. */
export interface Upstream {
  /** As messages call it. */
  readonly name: string;
  /** Where it is: `http://127.0.0.1:9090`, or with a path that comes before that of its API. */
  readonly url: URL;
  /** A socket file through which it is reached instead. @default - its address */
  readonly socketPath?: string;
}

/** Until a query is given up. */
const TIMEOUT_MS = 60_000;

/**
 * Hands a request to read something on to a server, and its answer back. Of the browser's headers none goes along, and
 * a redirect is not followed, so that nothing but this server is asked.
 */
export function forwardRequest(
  asked: IncomingMessage,
  answer: ServerResponse,
  upstream: Upstream,
  path: string,
): void {
  const { name, url } = upstream;
  const request = url.protocol === 'https:' ? overTls : overHttp;
  const passed = request(requestOptions(upstream, asked.method, path), (given) => {
    answer.writeHead(given.statusCode ?? 502, {
      'Content-Type': given.headers['content-type'] ?? 'text/plain',
    });
    given.pipe(answer);
    given.on('error', () => answer.destroy());
  });
  passed.on('timeout', () => passed.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
  passed.on('error', ({ message }) => {
    if (answer.headersSent) answer.destroy();
    else sendError(answer, 502, `${name} does not answer: ${message}`);
  });
  answer.on('close', () => passed.destroy());
  passed.end();
}

function requestOptions(
  { url, socketPath }: Upstream,
  method: string | undefined,
  path: string,
): RequestOptions {
  const { username, password, hostname, port, pathname } = url;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    ...(socketPath ? { socketPath } : { hostname: hostname.replace(/^\[|\]$/g, ''), port }),
    ...(username && { auth: login }),
    method,
    path: `${pathname.replace(/\/$/, '')}${path}`,
    headers: { Host: url.host },
    timeout: TIMEOUT_MS,
  };
}

/** Answers as Prometheus does when it cannot answer. */
export function sendError(answer: ServerResponse, status: number, error: string): void {
  answer.writeHead(status, { 'Content-Type': 'application/json' });
  answer.end(JSON.stringify({ status: 'error', error }));
}
