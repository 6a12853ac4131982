import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Preview } from './grafana/model';
import { type PageFiles, pageFiles } from './page-files';
import { forwardRequest, sendError, type Upstream } from './upstream';

/** Options of the server: what is shown, and which servers are queried. */
export interface PreviewOptions {
  /** State of the page, which is read again for each request. @throws Error that the page shows. */
  readonly preview: () => Omit<Preview, 'sources'>;
  /** Loopback port of the page. */
  readonly port: number;
  readonly prometheus?: Upstream;
  readonly loki?: Upstream;
  /** Paths that can be read in addition to the page and the queries. @default - nothing does */
  readonly rest?: Upstream;
}

/** Read-only paths that dashboards need. */
const METRICS = /^\/api\/v1\/(query|query_range|alerts|label\/\w+\/values)$/;
const LOGS = /^\/loki\/api\/v1\/(query|query_range)$/;

/** Protects against DNS rebinding: a page of another origin must not send queries through the browser. */
const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** Serves a page with dashboards and forwards its queries; it is read-only, and listens on loopback only. */
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

  /** Reloads open pages. */
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
      sendError(answer, 403, 'the host must be localhost or 127.0.0.1');
    else if (asked.method === 'GET' || asked.method === 'HEAD') this.forwardQuery(asked, answer);
    else sendError(answer, 405, `${asked.method} is not allowed: the preview only reads`);
  }

  private forwardQuery(asked: IncomingMessage, answer: ServerResponse): void {
    const { prometheus, loki, rest } = this.options;
    const [path = ''] = (asked.url ?? '/').split('?');
    const file = this.files[path.startsWith('/d/') ? '/' : path];
    const upstream = METRICS.test(path) ? prometheus : LOGS.test(path) ? loki : rest;
    if (file) withOwnHeaders(answer).setHeader('Content-Type', `${file[0]}; charset=utf-8`).end(file[1]);
    else if (path === '/preview/dashboards') this.sendDescription(withOwnHeaders(answer));
    else if (path === '/preview/changes') this.addListener(withOwnHeaders(answer));
    else if (upstream) forwardRequest(asked, answer, upstream, asked.url ?? '/');
    else sendError(answer, 404, 'there is no page at this address');
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

/** Sends a response of the preview itself. */
function withOwnHeaders(answer: ServerResponse): ServerResponse {
  for (const [name, value] of Object.entries(HEADERS)) answer.setHeader(name, value);
  return answer;
}
