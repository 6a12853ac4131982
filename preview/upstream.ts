import {
  type IncomingMessage,
  request as overHttp,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { request as overTls } from 'node:https';

/** A server to which the preview forwards requests. */
export interface Upstream {
  /** Name of the server in messages. */
  readonly name: string;
  /** URL of the server, such as `http://127.0.0.1:9090`. It may contain a path prefix, and a user with a password. */
  readonly url: URL;
  /** Path of a Unix socket of the server. @default - the host and port of `url` */
  readonly socketPath?: string;
}

/** Timeout of a query in milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * Forwards a read-only request to a server, and sends the response of the server back. It does not forward headers of
 * the browser, and does not follow redirects, so that only this server is contacted.
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
  passed.on('timeout', () => passed.destroy(new Error(`no response within ${TIMEOUT_MS / 1000} s`)));
  passed.on('error', ({ message }) => {
    if (answer.headersSent) answer.destroy();
    else sendError(answer, 502, `the preview cannot query ${name}: ${message}`);
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

/** Sends an error in the format of Prometheus's API. */
export function sendError(answer: ServerResponse, status: number, error: string): void {
  answer.writeHead(status, { 'Content-Type': 'application/json' });
  answer.end(JSON.stringify({ status: 'error', error }));
}
