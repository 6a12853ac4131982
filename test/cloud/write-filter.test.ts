import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../e2e/runtime/wait';
import { freePort } from '../support/free-port';
import { Sample, type Series, writeRequest } from '../support/write-request';

const PROGRAM = join(__dirname, '../../lib/filters/write-filter.mjs');

/** Of the simulated store, and of the filter in front of it. */
const WINDOW_SECONDS = 3_600;
const MINUTE = 60_000;

/**
 * A store as Prometheus is one: all of a request, or nothing. It refuses a request that holds a poisoned series,
 * and keeps the names of those that it took.
 */
class Store {
  taken: string[] = [];
  requests = 0;
  status = 204;
  server?: Server;

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        this.requests++;
        const names = namesIn(Buffer.concat(chunks));
        const refused = names.some((name) => name.includes('poison'));
        if (this.status === 204 && !refused) this.taken.push(...names);
        response.writeHead(refused && this.status === 204 ? 400 : this.status).end('out of bounds');
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v1/write`;
  }
}

/** Names of the test's series, which stand as they are in what is packed without copies. */
const namesIn = (body: Buffer): string[] => body.toString('latin1').match(/(test|poison)_[a-z0-9_]+/g) ?? [];

const series = (name: string, node: string, ...times: number[]): Series => ({
  labels: { __name__: name, group: 'plant', node },
  samples: times.map((time) => new Sample(time, 1)),
});

describe('the write filter', () => {
  const store = new Store();
  let filter: ChildProcess;
  let ports: [number, number];
  let said = '';

  beforeAll(async () => {
    const target = await store.start();
    ports = [await freePort(), await freePort()];
    filter = spawn(process.execPath, [PROGRAM], {
      env: {
        TARGET_URL: target,
        LISTEN_PORT: `${ports[0]}`,
        METRICS_PORT: `${ports[1]}`,
        OUT_OF_ORDER_SECONDS: `${WINDOW_SECONDS}`,
        AHEAD_SECONDS: '300',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    filter.stderr?.on('data', (text) => {
      said += text;
    });
    await eventually('the filter answers', metrics);
  });

  afterAll(() => {
    filter?.kill('SIGKILL');
    store.server?.close();
  });

  beforeEach(() => {
    store.taken = [];
    store.requests = 0;
    store.status = 204;
  });

  const metrics = async () => (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text();
  const send = (body: Buffer) =>
    fetch(`http://127.0.0.1:${ports[0]}/api/v1/write`, { method: 'POST', body: new Uint8Array(body) });
  const write = (...all: Series[]) => send(writeRequest(all));
  const dropped = async (reason: string, node: string) => {
    const line = `metrics_gateway_filter_samples_dropped_total{reason="${reason}",group="plant",node="${node}"} `;
    const [, count = '0'] = (await metrics()).split(line);
    return Number.parseInt(count, 10);
  };

  test('passes on a request that is in order as it is', async () => {
    const now = Date.now();
    expect((await write(series('test_a', 'one', now), series('test_b', 'two', now))).status).toBe(204);
    expect(store.taken).toEqual(['test_a', 'test_b']);
    expect(store.requests).toBe(1);
  });

  test('takes out what is too far ahead, by node, and nothing of the others', async () => {
    const now = Date.now();
    await write(series('test_a', 'one', now), series('test_b', 'fast', now + 15 * MINUTE));
    expect(store.taken).toEqual(['test_a']);
    expect(await dropped('too_far_ahead', 'fast')).toBe(1);
    expect(await dropped('too_far_ahead', 'one')).toBe(0);
  });

  test('takes out what is too old, and leaves the samples of a series that are not', async () => {
    const now = Date.now();
    await write(
      series('test_a', 'late', now - 2 * WINDOW_SECONDS * 1000, now - MINUTE),
      series('test_b', 'one', now),
    );
    expect(store.taken).toEqual(['test_a', 'test_b']);
    expect(await dropped('too_old', 'late')).toBe(1);
  });

  test('takes a time before 1970, and one that is left out, for too old', async () => {
    await write(series('test_a', 'early', -1_000), series('test_b', 'none', 0));
    expect(store.requests).toBe(0);
    expect([await dropped('too_old', 'early'), await dropped('too_old', 'none')]).toEqual([1, 1]);
  });

  test('finds out which series a store refuses, and loses no other one', async () => {
    const now = Date.now();
    const good = Array.from({ length: 40 }, (_, index) => series(`test_${index}`, `node-${index % 4}`, now));
    const bad = series('poison_x', 'node-1', now);
    expect((await write(...good.slice(0, 17), bad, ...good.slice(17))).status).toBe(204);
    expect(store.taken.sort()).toEqual(good.map((one) => one.labels.__name__).sort());
    expect(await dropped('refused', 'node-1')).toBe(1);
    expect(await metrics()).toMatch(/^metrics_gateway_filter_requests_split_total [1-9]/m);
  });

  test('asks no more than a bounded number of times when a node sends nothing but what is refused', async () => {
    const now = Date.now();
    const bad = Array.from({ length: 500 }, (_, index) => series(`poison_${index}`, 'hostile', now));
    await write(...bad, series('test_a', 'one', now));
    expect(store.taken).toEqual(['test_a']);
    expect(store.requests).toBeLessThan(100);
    expect(await dropped('refused', 'hostile')).toBe(500);
  });

  test.each([503, 429, 401, 404])('hands on a %d, so that the writer tries again', async (status) => {
    store.status = status;
    expect((await write(series('test_a', 'one', Date.now()))).status).toBe(status);
    expect(await dropped('refused', 'one')).toBe(0);
  });

  test('says a trouble once, not at each request', async () => {
    store.status = 503;
    said = '';
    for (let count = 0; count < 5; count++) await write(series('test_a', 'one', Date.now()));
    expect(said.match(/503|out of bounds/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  test.each([
    ['no Snappy', Buffer.from('not a request')],
    ['cut short', writeRequest([series('test_a', 'one', 1)]).subarray(0, 12)],
    ['a length of its own invention', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x41])],
  ])('answers 400 to a body that is %s, and goes on', async (_, body) => {
    expect((await send(body)).status).toBe(400);
    expect((await write(series('test_a', 'one', Date.now()))).status).toBe(204);
  });

  test('keeps names of nodes from breaking the metrics', async () => {
    await write(series('test_a', 'a"b\\c\nd', Date.now() + 15 * MINUTE));
    expect(await metrics()).toContain('node="a\\"b\\\\c\\nd"');
  });
});
