import {
  type IncomingMessage,
  request as overHttp,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { request as overTls } from 'node:https';

/** A server of metrics or logs for the preview. */
export interface Upstream {
  /** Name of the server in messages. */
  readonly name: string;
  /** URL such as `http://127.0.0.1:9090`, optionally with a path prefix of its API. */
  readonly url: URL;
  /** Unix socket to use instead. @default - its address */
  readonly socketPath?: string;
}

/** Timeout of a query. */
const TIMEOUT_MS = 60_000;

/**
 * Forwards a read-only request to a server, and its response back. No headers of the browser are forwarded, and
 * redirects are not followed, so that only this server is contacted.
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

/** Responds in Prometheus's error format. */
export function sendError(answer: ServerResponse, status: number, error: string): void {
  answer.writeHead(status, { 'Content-Type': 'application/json' });
  answer.end(JSON.stringify({ status: 'error', error }));
}
