import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeriesLimiter } from '../../lib/cloud/metrics-gateway/series-limiter/series-limiter.mjs';
import { WriteFilter } from '../../lib/cloud/metrics-gateway/write-filter/write-filter.mjs';
import { PushFilter } from '../../lib/cloud/pushgateway/push-filter/push-filter.mjs';
import { type ServedHere, serveHere } from '../support/served-here';
import { Sample, writeRequest } from '../support/write-request';

const POOL = { nodes: 3, seriesPerNode: 40, mostSeriesPerNode: 100, sharedSeries: 60 };
const LIMITS = {
  windowMs: 3_600_000,
  seriesOfGroup: 50,
  series: 1_000,
  nodes: 3,
  pools: { '': POOL },
  reservedMetrics: '^up$',
  reservedJobs: '^loki$',
  groupStamp: '^extra_label=__group__=(?<group>[a-z]+)$',
};
const KEY = '/metrics/job/modem/instance/n1/hostname/n1';

/** Each filter, and what a client sends to it. */
const FILTERS = [
  { Program: WriteFilter, method: 'POST', path: '/api/v1/write', taken: 204 },
  { Program: SeriesLimiter, method: 'POST', path: '/api/v1/write', taken: 204 },
  { Program: PushFilter, method: 'PUT', path: KEY, taken: 202 },
];

/**
 * A server that ends a connection as a second request arrives on it: its timeout of idle connections ended at that moment.
 * Once it `isGone`, it answers nothing.
 */
class ImpatientServer {
  isGone = false;
  /** Methods of the answered requests, and of those whose connection it closed. */
  readonly taken: string[] = [];
  readonly ended: string[] = [];
  private readonly sockets = new Set<Socket>();
  private server?: Server;

  async start(): Promise<number> {
    this.server = createServer((socket) => this.serve(socket)).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let received = Buffer.alloc(0);
    let hasAnswered = false;
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      const text = received.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (hasAnswered || this.isGone) {
        this.ended.push(text.slice(0, text.indexOf(' ')));
        socket.resetAndDestroy();
        return;
      }
      const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, head))?.[1] ?? 0);
      if (head < 0 || received.length < head + 4 + length) return;
      hasAnswered = true;
      received = Buffer.alloc(0);
      this.taken.push(text.slice(0, text.indexOf(' ')));
      const status = text.startsWith('PUT') ? '202 Accepted' : '204 No Content';
      socket.write(`HTTP/1.1 ${status}\r\n${text.startsWith('PUT') ? 'Content-Length: 0\r\n' : ''}\r\n`);
    });
  }
}

describe.each(FILTERS)('$Program.name', ({ Program, method, path, taken }) => {
  const folder = mkdtempSync(join(tmpdir(), 'kept-connections-'));
  const server = new ImpatientServer();
  let served: ServedHere;
  let port: number;

  beforeAll(async () => {
    const target = await server.start();
    writeFileSync(join(folder, 'limits.json'), JSON.stringify(LIMITS));
    jest.spyOn(console, 'error').mockImplementation();
    const filter = new Program({
      TARGET_URL: `http://127.0.0.1:${target}/api/v1/write`,
      PUSHGATEWAY_PORT: `${target}`,
      OUT_OF_ORDER_SECONDS: '3600',
      LIMITS_FILE: join(folder, 'limits.json'),
      STATE_FILE: join(folder, 'state.json'),
      STATE_DIR: folder,
    });
    served = await serveHere(filter.handleRequest);
    [port = 0] = served.ports;
  });

  afterAll(async () => {
    await served.stop();
    server.stop();
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    server.taken.length = server.ended.length = 0;
  });

  async function send(headers: Record<string, string> = {}): Promise<number> {
    const series = { labels: { __name__: 'test', node: 'n1' }, samples: [new Sample(Date.now(), 1)] };
    const body = method === 'PUT' ? 'test 1\n' : new Uint8Array(writeRequest([series]));
    return (await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body })).status;
  }

  test('sends a request again that the server met with the end of an idle connection', async () => {
    expect([await send(), await send(), await send()]).toEqual([taken, taken, taken]);
    expect(server.ended).toEqual([method]);
    expect(server.taken).toEqual([method, method, method]);
  });

  test('reads as many headers as the guard lets through', async () => {
    const large = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`x-${i}`, 'x'.repeat(7_000)]));
    expect(await send(large)).toBe(taken);
  });

  test('says so when the server is gone, and asks it no third time', async () => {
    server.isGone = true;
    expect(await send()).toBe(502);
    expect(server.ended.length).toBeLessThanOrEqual(2);
  });
});
