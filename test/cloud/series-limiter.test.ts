import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BasicAuthIngress } from '../../lib';
import { gatewaySeriesLimits } from '../../lib/cloud/metrics-gateway/series-limiter';
import { SeriesLimiter } from '../../lib/cloud/metrics-gateway/series-limiter/series-limiter.mjs';
import type { SeriesLimits } from '../../lib/fleet/series-limits';
import { decompressSnappy } from '../../lib/programs/snappy.mjs';
import { eventually } from '../runtime/wait';
import { type ServedHere, serveHere } from '../support/served-here';
import { Sample, type Series, writeRequest } from '../support/write-request';

const PART = 2 ** 20;

/** Three nodes of three series each, which share two more. */
const LIMITS = { nodes: 3, seriesPerNode: 3, mostSeriesPerNode: 4, sharedSeries: 2 };

/** Requests that the gateway receives. */
interface Taken {
  readonly body: Buffer;
  readonly encoding: string;
  readonly query: string;
}

const series = (name: string, node?: string, more: Record<string, string> = {}): Series => ({
  labels: { __name__: name, ...(node && { node }), ...more },
  samples: [new Sample(Date.now(), 1)],
});

const namesIn = (body: Buffer): string[] =>
  body.toString('latin1').match(/(test|kube|up)_?[a-z0-9_]*/g) ?? [];

describe('the limiter of series', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limiter-'));
  const taken: Taken[] = [];
  let status = 204;
  let gateway: Server;
  let served: ServedHere | undefined;
  let saved = () => {};
  let port: number;

  beforeAll(async () => {
    jest.spyOn(console, 'error').mockImplementation();
    gateway = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { searchParams } = new URL(request.url ?? '', 'http://gateway');
        const encoding = `${request.headers['content-encoding']}`;
        taken.push({ body: Buffer.concat(chunks), encoding, query: `${searchParams}` });
        response.writeHead(status).end('the queue is full');
      });
    });
    gateway.listen(0, '127.0.0.1');
    await once(gateway, 'listening');
  });

  beforeEach(async () => {
    taken.length = 0;
    status = 204;
    rmSync(join(folder, 'state.json'), { force: true });
    await start();
  });

  afterEach(() => stop());

  afterAll(() => {
    gateway.close();
    rmSync(folder, { recursive: true });
  });

  async function start(hasGroups = false, windowMs = 3_600_000, limits = LIMITS): Promise<void> {
    const groupLimits: Record<string, SeriesLimits> = hasGroups ? { north: LIMITS, south: LIMITS } : {};
    const file = JSON.parse(
      gatewaySeriesLimits({ limits, groupLimits }).renderFile({ group: hasGroups, node: false }),
    );
    await launch(JSON.stringify({ ...file, windowMs }));
  }

  async function launch(limits: string): Promise<void> {
    writeFileSync(join(folder, 'limits.json'), limits);
    const { port: target } = gateway.address() as AddressInfo;
    const limiter = new SeriesLimiter({
      LIMITS_FILE: join(folder, 'limits.json'),
      STATE_FILE: join(folder, 'state.json'),
      TARGET_URL: `http://127.0.0.1:${target}/api/v1/write`,
    });
    served = await serveHere(limiter.handleRequest);
    saved = () => limiter.saveStateSync();
    [port = 0] = served.ports;
  }

  async function stop(): Promise<void> {
    await served?.stop();
    saved();
    served = undefined;
    saved = () => {};
  }

  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const send = (body: Buffer, query = '', headers = {}) =>
    fetch(`http://127.0.0.1:${port}/api/v1/write${query}`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers,
    });
  const write = (...all: Series[]) => send(writeRequest(all));
  const passed = () => taken.flatMap(({ body }) => namesIn(body));
  const refused = async (labels: string) => {
    const [, count = '0'] = (await metrics()).split(`series_refused_total{${labels}} `);
    return Number.parseInt(count, 10);
  };
  const many = (node: string, count: number) =>
    Array.from({ length: count }, (_, number) => series(`test_${number}`, node));

  test('passes on as it came what stays within its limits', async () => {
    const body = writeRequest(many('one', 3));
    expect((await send(body)).status).toBe(204);
    expect(taken).toEqual([{ body, encoding: 'snappy', query: '' }]);
  });

  test('passes on the group of a node with a certificate, and of nobody else', async () => {
    await stop();
    await launch(gatewaySeriesLimits({ limits: LIMITS }).renderFile({ group: false, node: true }));
    const body = writeRequest(many('one', 1));
    const group = { 'Certified-Group': 'north' };
    await send(body, '?extra_label=__node__=one', group);
    await send(body, '?extra_label=__node__=one');
    await send(body, '', group);
    const labels = taken.map(({ query }) => new URLSearchParams(query).getAll('extra_label'));
    expect(labels).toEqual([['__node__=one', '__group__=north'], ['__node__=one'], []]);
  });

  test('cuts out what a node has too much, and nothing of the others', async () => {
    expect((await write(...many('hostile', 50), ...many('honest', 3))).status).toBe(204);
    expect(passed()).toEqual(['test_0', 'test_1', 'test_2', 'test_3', 'test_0', 'test_1', 'test_2']);
    expect(await refused('reason="too_many_series",group="",node="hostile"')).toBe(46);
    expect(await metrics()).toMatch(/^metrics_gateway_limiter_series 7$/m);
  });

  test('lets go on what is known, whatever floods it', async () => {
    const honest = series('test_honest', 'one');
    await write(honest);
    for (let round = 0; round < 3; round++) await write(...many('one', 100), ...many('two', 100));
    taken.length = 0;
    await write(honest);
    expect(passed()).toEqual(['test_honest']);
  });

  test('begins anew when somebody in the pod says so', async () => {
    for (const node of ['one', 'two', 'three', 'four', 'five']) await write(...many(node, 3));
    const forget = (method: string) => fetch(`http://127.0.0.1:${port}/forget`, { method });
    expect((await forget('GET')).status).toBe(405);
    expect((await forget('POST')).status).toBe(200);
    expect(await metrics()).toMatch(/^metrics_gateway_limiter_series 0$/m);
    expect((await write(series('test_a', 'late'))).status).toBe(204);
  });

  test('lets each node have what is its own when others took all that is shared', async () => {
    await write(...many('greedy', 4), ...many('other', 4));
    taken.length = 0;
    await write(...many('late', 4));
    expect(passed()).toEqual(['test_0', 'test_1', 'test_2']);
  });

  test('counts a series as several that is as large as several, as long as it goes on', async () => {
    await stop();
    const limits = { nodes: 3, seriesPerNode: 5, mostSeriesPerNode: 5, sharedSeries: 0 };
    await start(false, 500, limits);
    const long = series('test_long', 'one', { long: 'x'.repeat(3_000) });
    const wide = series(
      'test_wide',
      'one',
      Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`l${n}`, 'x'])),
    );
    await write(long, wide, series('test_a', 'one'));
    expect(passed()).toEqual(['test_long', 'test_wide']);
    for (const end = Date.now() + 1_600; Date.now() < end; await sleep(100)) {
      await write(long, wide, series('test_a', 'one'));
    }
    expect(passed()).not.toContain('test_a');
  });

  test('lets a group bring in no more names of labels than Prometheus has memory for', async () => {
    await stop();
    const limits = { nodes: 3, seriesPerNode: 1_000, mostSeriesPerNode: 1_000, sharedSeries: 0 };
    await start(false, 3_600_000, limits);
    const named = (number: number) =>
      series(
        `test_${number}`,
        'one',
        Object.fromEntries(Array.from({ length: 15 }, (_, n) => [`l${number}_${n}`, 'x'])),
      );
    await write(...Array.from({ length: 200 }, (_, number) => named(number)), series('test_ok', 'two'));
    expect(passed().length).toBeGreaterThan(130);
    expect(passed().length).toBeLessThan(140);
    expect(passed()).toContain('test_ok');
    expect(await refused('reason="too_many_label_names",group="",node="one"')).toBeGreaterThan(60);
    for (const restarts of [false, true]) {
      if (restarts) {
        await stop();
        await start(false, 3_600_000, limits);
      }
      taken.length = 0;
      await write(named(1), named(199));
      expect(passed()).toEqual(['test_1']);
    }
  });

  test('has nodes beyond the limit wait, and those that it knows go on', async () => {
    await write(...['one', 'two', 'three'].map((node) => series('test_a', node)));
    const answer = await write(series('test_a', 'four'));
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain(
      'the limit of nodes (of the node group, or of all node groups) is reached',
    );
    expect(await refused('reason="too_many_nodes",group="",node=""')).toBe(1);
    expect((await write(series('test_a', 'two'))).status).toBe(204);
  });

  test('answers 400 when nothing is left of a node that has too many series: to send it again is no use', async () => {
    await write(...many('one', 4));
    const answer = await write(series('test_new', 'one'));
    expect([answer.status, await answer.text()]).toEqual([
      400,
      'the node has reached its limit of series, or its node group uses all series that the nodes share\n',
    ]);
  });

  test('forgets a series only when it was away for a whole window, and none that goes on', async () => {
    await stop();
    await start(false, 1_000);
    await write(...many('one', 4));
    const goesOn = series('test_0', 'one');
    const begin = Date.now();
    while (Date.now() - begin < 2_300) {
      taken.length = 0;
      expect((await write(goesOn)).status).toBe(204);
      expect(passed()).toEqual(['test_0']);
    }
    await eventually(
      'others have their place',
      async () => (await write(series('test_new', 'one'))).status === 204,
    );
  });

  test('knows after a restart what it knew, so that a flood is no sooner there than those who were', async () => {
    await write(...many('one', 3), series('test_a', 'two'), series('test_a', 'three'));
    await stop();
    await start();
    await write(...Array.from({ length: 20 }, (_, number) => series('test_flood', `invented-${number}`)));
    await write(...Array.from({ length: 20 }, (_, number) => series(`test_flood_${number}`, 'one')));
    taken.length = 0;
    await write(...many('one', 3), series('test_b', 'two'));
    expect(passed()).toEqual(['test_0', 'test_1', 'test_2', 'test_b']);
  });

  test('begins anew where its file is broken', async () => {
    await stop();
    writeFileSync(join(folder, 'state.json'), '{"key":[1,2],"known":{"pools":7}}');
    await start();
    expect((await write(series('test_a', 'one'))).status).toBe(204);
  });

  test.each([
    ['a name of kube-state-metrics', series('kube_node_info', 'one')],
    ['a name of a recording rule', series('edge_fleet:silent:ratio', 'one')],
    ['an alert', series('ALERTS', 'one', { alertname: 'EdgeFleetSilent' })],
    ['a job of the cloud', series('up', 'one', { job: 'loki' })],
  ])('drops %s, and keeps the rest', async (_, forged) => {
    await write(forged, series('up', 'one', { job: 'edge-metrics-agent' }));
    expect(passed()).toEqual(['up']);
    expect(await refused('reason="reserved",group="",node="one"')).toBe(1);
  });

  test('refuses a body of remote write 2.0 that says it is one of 1.0: it would be taken and not stored', async () => {
    const symbols = Buffer.from([0x22, 0, 0x22, 1, 0x61, 0x2a, 0]);
    const answer = await send(
      Buffer.concat([Buffer.from([symbols.length, (symbols.length - 1) << 2]), symbols]),
    );
    expect([answer.status, await answer.text()]).toEqual([
      400,
      'remote write 2.0 is not supported: use remote write 1.0\n',
    ]);
    expect(taken).toEqual([]);
  });

  test('gives each group what is its own, by what the guard says of it', async () => {
    await stop();
    await start(true);
    const from = (group: string, node: string) =>
      send(writeRequest([series('test_a', node)]), `?extra_label=__group__=${group}`);
    for (const node of ['a', 'b', 'c']) expect((await from('north', node)).status).toBe(204);
    expect((await from('north', 'd')).status).toBe(429);
    expect((await from('south', 'd')).status).toBe(204);
    expect(taken.at(-1)?.query).toBe('extra_label=__group__%3Dsouth');
  });

  test('leaves each of the groups that share limits a part, whatever another one takes', async () => {
    const shared = { nodes: 5, seriesPerNode: 1, mostSeriesPerNode: 9, sharedSeries: 5 };
    const restart = async () => {
      await stop();
      // Only the groups of the ingress matter here.
      const ingress = { groups: ['north', 'south'] } as unknown as BasicAuthIngress;
      await launch(gatewaySeriesLimits({ limits: shared, ingress }).renderFile({ group: true, node: false }));
    };
    await restart();
    const from = async (group: string, node: string, count = 1) => {
      taken.length = 0;
      const { status } = await send(writeRequest(many(node, count)), `?extra_label=__group__=${group}`);
      return status === 204 ? passed().length : status;
    };
    expect(await from('north', 'a', 9)).toBe(5);
    for (const node of ['b', 'c', 'd']) expect(await from('north', node)).toBe(1);
    expect(await from('north', 'e')).toBe(429);
    // A node of the same name has nothing to do with it.
    expect(await from('south', 'a', 9)).toBe(2);
    expect(await from('south', 'b')).toBe(429);
    await restart();
    expect(await from('north', 'e')).toBe(429);
    expect(await from('south', 'a', 9)).toBe(2);
    expect(await from('south', 'b')).toBe(429);
  });

  test.each(['?extra_label=node=other', '?extra_label=__group__=north', '?x'])(
    'refuses the query %s of a client, which would change the labels that it has read',
    async (query) => {
      expect((await send(writeRequest([series('test_a', 'one')]), query)).status).toBe(400);
      expect(taken).toEqual([]);
    },
  );

  test.each<[string, Series]>([
    ['no name', { labels: { node: 'one' }, samples: [] }],
    ['no label', { labels: {}, samples: [] }],
    [
      'a hundred labels',
      series('test_x', 'one', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`l${n}`, '']))),
    ],
    ['a label of 5,000 characters', series('test_x', 'one', { long: 'x'.repeat(5_000) })],
    ['a node of 300 characters', series('test_x', 'x'.repeat(300))],
  ])('drops a series with %s', async (_, broken) => {
    await write(broken, series('test_ok', 'one'));
    expect(passed()).toEqual(['test_ok']);
    expect(await refused('reason="invalid",group="",node=""')).toBe(1);
  });

  test('hands on a large body in parts that the gateway takes', async () => {
    await stop();
    await start(false, 3_600_000, { ...LIMITS, seriesPerNode: 1_000, mostSeriesPerNode: 1_000 });
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`label_${n}`, 'x'.repeat(4_000)]));
    const all = ['one', 'two', 'three'].flatMap((node) =>
      [0, 1, 2].map((number) => series(`test_${number}`, node, long)),
    );
    expect((await write(...all)).status).toBe(204);
    expect(taken.length).toBeGreaterThan(1);
    for (const part of taken) expect(part.body.length).toBeLessThan(1.1 * PART);
    expect(passed()).toHaveLength(9);
  });

  test('drops what has more samples than an agent sends, which the gateway and its filter would be killed by', async () => {
    const packed = Array.from({ length: 60_000 }, () => new Sample(0, 0));
    const answer = await write({ labels: { __name__: 'test_packed', node: 'one' }, samples: packed });
    expect([answer.status, taken]).toEqual([400, []]);
  });

  test('refuses a request that is costly to read, and counts what it read of it', async () => {
    const answer = await write(...many('hostile', 40_000));
    expect([answer.status, await answer.text(), taken]).toEqual([
      400,
      'the body contains too many fields: send fewer series in each request\n',
      [],
    ]);
    expect(await refused('reason="too_many_series",group="",node="hostile"')).toBeGreaterThan(10_000);
    expect((await write(series('test_a', 'one'))).status).toBe(204);
  });

  test('takes the largest request of an agent, of which all series are new', async () => {
    await stop();
    await start(false, 3_600_000, { ...LIMITS, seriesPerNode: 20_000, mostSeriesPerNode: 20_000 });
    const labels = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`label_${n}`, `value_${n}`]));
    const all = Array.from({ length: 10_000 }, (_, number) => series(`test_${number}`, 'one', labels));
    expect((await write(...all)).status).toBe(204);
    expect(passed()).toHaveLength(10_000);
  });

  test.each([
    ['alone', []],
    ['beside samples', [new Sample(Date.now(), 1)]],
  ])('drops a native histogram %s, of which the gateway makes a series a bucket', async (_, samples) => {
    const histogram = Buffer.from([(4 << 3) | 2, 2, 0x78, 1]);
    // Its lengths, of one byte each: of all, of the literal of Snappy, and of the series.
    const body = Buffer.concat([writeRequest([{ ...series('test_h', 'one'), samples }]), histogram]);
    for (const at of [0, 2, 5]) body[at] = (body[at] ?? 0) + histogram.length;
    const answer = await send(body);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('native histogram')]);
    expect(await refused('reason="invalid",group="",node=""')).toBe(1);
  });

  test('drops a native histogram of a series that came with a sample before in the request', async () => {
    const honest = writeRequest([series('test_h', 'one')]);
    // Bytes of the request follow the length and the single literal in Snappy.
    const plain = honest.subarray(4);
    const inner = plain.subarray(2);
    const labels = inner.subarray(0, inner.lastIndexOf(Buffer.from([(2 << 3) | 2])));
    const bad = Buffer.concat([labels, Buffer.from([(4 << 3) | 2, 2, 0x78, 1])]);
    const all = Buffer.concat([plain, Buffer.from([(1 << 3) | 2, bad.length]), bad]);
    const body = Buffer.concat([Buffer.from([all.length, 60 << 2, all.length - 1]), all]);
    expect((await send(body)).status).toBe(204);
    expect(passed()).toEqual(['test_h']);
    expect(await refused('reason="invalid",group="",node=""')).toBe(1);
  });

  test.each([
    ['no Snappy', 400, Buffer.from('not a request'), {}],
    [
      'remote write 2.0',
      415,
      writeRequest([series('test_a', 'one')]),
      { 'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' },
    ],
    ['too long when unpacked', 400, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x41]), {}],
  ])('answers to a body that is %s with %d, and goes on', async (_, expected, body, headers) => {
    expect((await send(body, '', headers)).status).toBe(expected);
    expect((await write(series('test_a', 'one'))).status).toBe(204);
  });

  test('hands on what the gateway answers, so that the writer tries again', async () => {
    status = 503;
    const answer = await write(series('test_a', 'one'));
    expect([answer.status, await answer.text()]).toEqual([503, 'the queue is full\n']);
  });

  describe('before a gateway that takes the protocol of Pushgateway', () => {
    const KEY = '/pushgateway/metrics/job/modem/instance/i/hostname/n1';

    beforeEach(async () => {
      await stop();
      const limits = { ...LIMITS, seriesPerNode: 5, mostSeriesPerNode: 5 };
      await launch(
        gatewaySeriesLimits({ limits, pushPrefix: '/pushgateway' }).renderFile({ group: false, node: false }),
      );
    });

    const push = async (path: string, body: string, method = 'PUT') => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body });
      return { status: answer.status, said: (await answer.text()).trim() };
    };

    test('makes a request of remote write of a push, with the labels of its key and its node', async () => {
      const dropped = 'pushgateway_x 1\n';
      expect(await push(KEY, `test_b{a="x\\"y",node="z"} 2\ntest_a +Inf\n${dropped}`)).toEqual({
        status: 200,
        said: '',
      });
      const [{ body, encoding } = { body: Buffer.alloc(0), encoding: '' }] = taken;
      expect(encoding).toBe('snappy');
      const text = decompressSnappy(body, 10_000).toString('latin1');
      for (const part of ['test_a', 'x"y', 'push_time_seconds', 'hostname', 'instance', 'modem'])
        expect(text).toContain(part);
      expect(text.split('node\x12\x02n1')).toHaveLength(4);
      expect(text).not.toContain('pushgateway_x');
      expect(await metrics()).toMatch(/^metrics_gateway_limiter_pushes_total 1$/m);
      expect(await metrics()).toMatch(/^metrics_gateway_limiter_samples_dropped_total\{.*node="n1".*\} 1$/m);
    });

    test.each([
      [
        'a job of the cloud',
        '/pushgateway/metrics/job/loki/instance/i',
        400,
        'is reserved for cloud components',
      ],
      ['a label of the cloud', `${KEY}/cluster/x`, 400, 'the label cluster is reserved'],
      ['a node of its own', `${KEY}/node/x`, 400, 'the label node is reserved'],
      ['no job', '/pushgateway/metrics/instance/i', 400, 'the path of a push must be'],
    ])('refuses %s, and counts it', async (_, path, status, said) => {
      const answer = await push(path, 'test_a 1\n');
      expect(answer).toEqual({ status, said: expect.stringContaining(said) });
      expect(taken).toEqual([]);
      expect(await metrics()).toMatch(/^metrics_gateway_limiter_pushes_refused_total\{.*\} 1$/m);
    });

    test('refuses what it does not store as a whole', async () => {
      const many = Array.from({ length: 6 }, (_, n) => `test_a{n="${n}"} 1\n`).join('');
      expect(await push(KEY, many)).toMatchObject({ status: 429 });
      const labels = Array.from({ length: 62 }, (_, n) => `l${n}="1"`).join();
      expect(await push(KEY, `test_a{${labels}} 1\n`)).toMatchObject({ status: 400 });
      expect(await push(KEY, 'test_a one\n')).toMatchObject({ status: 400 });
      expect(await push(KEY, 'test_a 1\n', 'DELETE')).toMatchObject({ status: 405 });
      expect(taken).toEqual([]);
      status = 503;
      expect(await push(KEY, 'test_a 1\n')).toEqual({ status: 503, said: 'the queue is full' });
    });
  });
});
