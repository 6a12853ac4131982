import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WriteFilter } from '../../lib/cloud/metrics-gateway/write-filter/write-filter.mjs';
import { eventually } from '../runtime/wait';
import { type ServedHere, serveHere } from '../support/served-here';
import { Sample, type Series, writeRequest } from '../support/write-request';

const WINDOW_SECONDS = 3_600;
const MINUTE = 60_000;

/**
 * A store that only supports protocol 1.0: it accepts all of a request or nothing. It refuses a request with a poisoned
 * series, records the names of accepted ones, and parses nothing of a 2.0 request, as Prometheus 2.42.
 * test/e2e/write-filter.test.ts uses a real Prometheus 3.
 */
class Store {
  taken: string[] = [];
  requests = 0;
  status = 204;
  words = 'out of bounds';
  /** Response to a 2.0 request. */
  second: (response: ServerResponse) => void = () => {};
  readonly bodies: Buffer[] = [];
  server?: Server;

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => this.answer(request, Buffer.concat(chunks), response));
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v1/write`;
  }

  forget(): void {
    this.taken = [];
    this.bodies.length = 0;
    this.requests = 0;
    this.status = 204;
    this.words = 'out of bounds';
    this.second = (response) => response.writeHead(204).end();
  }

  private answer({ headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    this.requests++;
    this.bodies.push(body);
    if (headers['content-type']?.includes('write.v2')) {
      this.second(response);
      return;
    }
    const names = namesIn(body);
    const refused = names.some((name) => name.includes('poison'));
    if (this.status === 204 && !refused) this.taken.push(...names);
    response.writeHead(refused && this.status === 204 ? 400 : this.status).end(this.words);
  }
}

/** Names of the test's series, which are readable in data that is compressed without copies. */
const namesIn = (body: Buffer): string[] => body.toString('latin1').match(/(test|poison)_[a-z0-9_]+/g) ?? [];

const series = (name: string, node: string, ...times: number[]): Series => ({
  labels: { __name__: name, group: 'plant', node },
  samples: times.map((time) => new Sample(time, 1)),
});

const many = (count: number, name: string, node = 'one'): Series[] =>
  Array.from({ length: count }, (_, index) => series(`${name}_${index}`, node, Date.now()));

describe('the write filter', () => {
  const store = new Store();
  let served: ServedHere;
  let ports: readonly number[];
  let said = '';

  beforeAll(async () => {
    jest.spyOn(console, 'error').mockImplementation((line) => {
      said += `${line}\n`;
    });
    const filter = new WriteFilter({
      TARGET_URL: await store.start(),
      OUT_OF_ORDER_SECONDS: `${WINDOW_SECONDS}`,
    });
    served = await serveHere(filter.handleRequest, filter.handleMetricsRequest);
    ports = served.ports;
  });

  afterAll(async () => {
    await served.stop();
    store.server?.close();
    store.server?.closeAllConnections();
  });

  beforeEach(() => store.forget());

  const metrics = async () => (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text();
  const send = (body: Buffer, signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${ports[0]}/api/v1/write`, {
      method: 'POST',
      body: new Uint8Array(body),
      signal,
    });
  const write = (...all: Series[]) => send(writeRequest(all));
  const dropped = async (reason: string, node: string) => {
    const line = `metrics_gateway_filter_samples_dropped_total{reason="${reason}",group="plant",node="${node}"} `;
    const [, count = '0'] = (await metrics()).split(line);
    return Number.parseInt(count, 10);
  };

  test('hands a request on as it is, without reading it', async () => {
    const body = Buffer.from('not a request that anybody could read');
    expect((await send(body)).status).toBe(204);
    expect(store.bodies).toEqual([body]);
  });

  test('sends what was refused once more, by protocol 2.0', async () => {
    store.second = (response) =>
      response
        .writeHead(400, { 'X-Prometheus-Remote-Write-Samples-Written': '1' })
        .end('too old sample for series {__name__="poison_x", group="plant", node="late"}\n');
    expect((await write(series('poison_x', 'late', 1), series('test_a', 'one', 2))).status).toBe(204);
    expect(store.requests).toBe(2);
    expect(await dropped('too_old', 'late')).toBe(1);
  });

  test('reads no more of an answer than it can hold, and counts what that does not name', async () => {
    const line = `too old sample for series {__name__="${'x'.repeat(2_000)}", group="plant", node="talker"}\n`;
    store.second = (response) => {
      response.writeHead(400, { 'X-Prometheus-Remote-Write-Samples-Written': '0' });
      const talk = () => {
        while (!response.destroyed && response.write(line.repeat(100)));
      };
      response.on('drain', talk);
      talk();
    };
    expect((await write(...many(9_000, 'poison', 'talker'))).status).toBe(204);
    const named = await dropped('too_old', 'talker');
    expect(named).toBeGreaterThan(1_000);
    const [, rest] = /dropped_total\{reason="refused",group="",node=""\} (\d+)/.exec(await metrics()) ?? [];
    expect(named + Number(rest)).toBe(9_000);
  });

  test.each([204, 415])(
    'finds out by halves what a store refuses that answers %d to 2.0, and loses nothing else',
    async (status) => {
      store.second = (response) => response.writeHead(status).end();
      const before = await dropped('refused', 'node-1');
      const good = Array.from({ length: 40 }, (_, i) => series(`test_${i}`, `node-${i % 4}`, Date.now()));
      const bad = series('poison_x', 'node-1', Date.now());
      expect((await write(...good.slice(0, 17), bad, ...good.slice(17))).status).toBe(204);
      expect(store.taken.sort()).toEqual(good.map((_, i) => `test_${i}`).sort());
      expect((await dropped('refused', 'node-1')) - before).toBe(1);
    },
  );

  test('takes out what such a store refuses for its time, sample by sample, before it looks further', async () => {
    const now = Date.now();
    await write(
      series('poison_fast', 'fast', now + 15 * MINUTE),
      series('poison_none', 'none', 0),
      series('poison_early', 'early', -1_000),
      series('test_a', 'slow', now - 2 * WINDOW_SECONDS * 1_000, now - MINUTE),
      series('test_b', 'one', now),
    );
    expect(store.taken.sort()).toEqual(['test_a', 'test_b']);
    expect(store.requests).toBe(3);
    expect(await dropped('too_far_ahead', 'fast')).toBe(1);
    for (const node of ['none', 'early', 'slow']) expect(await dropped('too_old', node)).toBe(1);
  });

  test('asks such a store no more than a bounded number of times, whoever sends how much', async () => {
    const hostile = Array.from({ length: 2_500 }, (_, node) => many(4, 'poison', `invented-${node}`)).flat();
    expect((await write(...hostile, ...many(8_000, 'test'))).status).toBe(204);
    expect(store.requests).toBeLessThan(140);
    expect(store.taken.length).toBeGreaterThan(7_500);
  });

  test('stops asking when the writer is gone', async () => {
    const gone = new AbortController();
    let isLeft = false;
    store.second = (response) => {
      response.on('close', () => {
        isLeft = true;
      });
    };
    const written = send(writeRequest(many(300, 'poison')), gone.signal).catch(() => {});
    await eventually('it asks', () => store.requests === 2);
    gone.abort();
    await written;
    await eventually('it asks no more', () => isLeft);
    await send(writeRequest(many(1, 'test')));
    expect(store.requests).toBe(3);
  });

  test.each([500, 503, 429, 401, 404])('hands on a %d, so that the writer tries again', async (status) => {
    const before = await dropped('refused', 'one');
    store.status = status;
    expect((await write(series('test_a', 'one', Date.now()))).status).toBe(status);
    expect(await dropped('refused', 'one')).toBe(before);
  });

  test('hands on a 503 to the second request, too', async () => {
    store.second = (response) => response.writeHead(503).end('going down');
    const answer = await write(...many(2, 'poison', 'again'));
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('going down')]);
    expect(await dropped('refused', 'again')).toBe(0);
  });

  test('says a trouble once, not at each request', async () => {
    store.status = 503;
    store.words = 'no space left';
    for (let count = 0; count < 5; count++) await write(series('test_a', 'one', Date.now()));
    await eventually('it says so', () => said.includes(store.words));
    expect(said.split(store.words)).toHaveLength(2);
  });

  test.each([
    ['no Snappy', Buffer.from('not a request')],
    ['cut short', writeRequest([series('test_a', 'one', 1)]).subarray(0, 12)],
    ['a length of its own invention', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x41])],
  ])('answers 400 to what the store refuses since it is %s, and goes on', async (_, body) => {
    store.status = 400;
    expect((await send(body)).status).toBe(400);
    store.status = 204;
    expect((await write(series('test_a', 'one', Date.now()))).status).toBe(204);
  });

  test('names nobody any more when somebody in the pod says so', async () => {
    const forget = (method: string) => fetch(`http://127.0.0.1:${ports[1]}/forget`, { method });
    expect((await forget('POST')).status).toBe(200);
    await write(series('poison_x', 'stolen', 0));
    expect((await forget('GET')).status).toBe(405);
    expect((await metrics()).match(/node="[^"]*"/g)).toEqual(['node="stolen"']);
    expect((await forget('POST')).status).toBe(200);
    expect(await metrics()).not.toContain('node=');
  });

  test('keeps names of nodes from breaking the metrics', async () => {
    await write(series('poison_x', 'a"b\\c\nd', 0));
    const text = await metrics();
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(#|metrics_gateway_filter_\w+(\{.*\})? \d+$)/);
  });
});
