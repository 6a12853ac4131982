import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Preview } from './grafana/model';
import { type PageFiles, pageFiles } from './page-files';
import { forwardRequest, sendError, type Upstream } from './upstream';

/** Options for `PreviewServer`: what the page shows, and which servers it queries. */
export interface PreviewOptions {
  /**
   * Returns the data of the page. It is called for each request of the page.
   * @throws Error whose message the page shows
   */
  readonly preview: () => Omit<Preview, 'sources'>;
  /** Port of the page on the loopback interface. */
  readonly port: number;
  /** Server for PromQL queries. @default - queries of metrics fail */
  readonly prometheus?: Upstream;
  /** Server for LogQL queries. @default - queries of logs fail */
  readonly loki?: Upstream;
  /** Server that receives all other requests. @default - other paths do not exist */
  readonly rest?: Upstream;
}

/** Read-only paths of Prometheus's API that dashboards need. */
const METRICS = /^\/api\/v1\/(query|query_range|alerts|label\/\w+\/values)$/;
const LOGS = /^\/loki\/api\/v1\/(query|query_range)$/;

/**
 * Host names of the page. Requests with other names are refused, which protects against DNS rebinding: otherwise, a
 * page of another origin could send queries through the browser.
 */
const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/**
 * Serves a page with dashboards, and forwards its queries. The server only accepts read requests, and only listens on
 * the loopback interface.
 */
export class PreviewServer {
  private readonly server: Server;
  private readonly listeners = new Set<ServerResponse>();

  private constructor(
    private readonly options: PreviewOptions,
    private readonly files: PageFiles,
  ) {
    this.server = createServer((asked, answer) => this.handleRequest(asked, answer));
  }

  static async start(options: PreviewOptions): Promise<PreviewServer> {
    const made = new PreviewServer(options, await pageFiles());
    made.server.listen(options.port, '127.0.0.1');
    await once(made.server, 'listening');
    return made;
  }

  /** Makes all open pages reload. */
  notifyChanged(): void {
    for (const listener of this.listeners) listener.write('event: change\ndata: \n\n');
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    if (this.server.listening) await once(this.server, 'close');
  }

  private handleRequest(asked: IncomingMessage, answer: ServerResponse): void {
    if (!OWN_HOST.test(asked.headers.host ?? ''))
      sendError(answer, 403, 'the host in the URL of the preview must be localhost or 127.0.0.1');
    else if (asked.method === 'GET' || asked.method === 'HEAD') this.respondToRead(asked, answer);
    else
      sendError(
        answer,
        405,
        `the method ${asked.method} is not allowed: the preview only accepts GET and HEAD`,
      );
  }

  private respondToRead(asked: IncomingMessage, answer: ServerResponse): void {
    const { prometheus, loki, rest } = this.options;
    const [path = ''] = (asked.url ?? '/').split('?');
    const file = this.files[path.startsWith('/d/') ? '/' : path];
    const upstream = METRICS.test(path) ? prometheus : LOGS.test(path) ? loki : rest;
    if (file) setOwnHeaders(answer).setHeader('Content-Type', `${file[0]}; charset=utf-8`).end(file[1]);
    else if (path === '/preview/dashboards') this.sendDescription(setOwnHeaders(answer));
    else if (path === '/preview/changes') this.addListener(setOwnHeaders(answer));
    else if (upstream) forwardRequest(asked, answer, upstream, asked.url ?? '/');
    else sendError(answer, 404, 'there is no page with this path: open / to see the dashboards');
  }

  private sendDescription(answer: ServerResponse): void {
    const { preview, prometheus, loki } = this.options;
    const sources = [...(prometheus ? ['prometheus'] : []), ...(loki ? ['loki'] : [])];
    try {
      const text = JSON.stringify({ ...preview(), sources });
      answer.setHeader('Content-Type', 'application/json').end(text);
    } catch (error) {
      answer.writeHead(500, { 'Content-Type': 'text/plain' }).end((error as Error).message);
    }
  }

  private addListener(answer: ServerResponse): void {
    answer.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    this.listeners.add(answer);
    answer.on('close', () => this.listeners.delete(answer));
  }
}

/** Sets the security headers of the preview's own responses, and returns the response. */
function setOwnHeaders(answer: ServerResponse): ServerResponse {
  for (const [name, value] of Object.entries(HEADERS)) answer.setHeader(name, value);
  return answer;
}
