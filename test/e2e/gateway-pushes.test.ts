import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Counter, Gauge, Histogram, Pushgateway as PushClient, Registry } from 'prom-client';
import { parse, stringify } from 'yaml';
import { BasicAuthIngress, MetricsGateway, Prometheus } from '../../lib';
import { proxy } from '../../lib/access/proxy';
import { freePort } from '../runtime/free-port';
import { endProgram, program, spawnKilledWithParent, tryRun } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { filterProgram, gatewayProgram, limiterProgram, type Program } from '../stacks/gateway-programs';
import { configFile } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { Sample, writeRequest } from '../support/write-request';

const PREFIX = '/services';
const LIMITS = { nodes: 20, seriesPerNode: 100, mostSeriesPerNode: 200, sharedSeries: 300 };

/** Query that the guard adds to a push by a user of the group. */
const OF_NORTH = '?extra_label=__group__=north';

const manifests = () =>
  synthesizeChart((chart) => {
    const store = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1h' });
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      name: 'push',
      host: 'push.example.com',
      controller: proxy({ namespace: 'ingress-nginx' }),
      groups: ['north', 'south'],
    });
    const groupLimits = { north: LIMITS, south: LIMITS };
    store.addTarget(
      new MetricsGateway(chart, 'gateway', { store, ingress, groupLimits, pushPrefix: PREFIX }),
    );
  });

const series = (count: number, name = 'flood') =>
  Array.from({ length: count }, (_, number) => `${name}{number="${number}"} 1\n`).join('');

describe('pushes in Pushgateway’s protocol to a gateway of remote write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-pushes-'));
  const ports = { guard: 0, prometheus: 0, gateway: 0, filter: 0, filterMetrics: 0, limiter: 0 };
  const running: ChildProcess[] = [];
  let guard: Server;

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    start();
    guard = stampingServer(ports.limiter).listen(ports.guard, '127.0.0.1');
    await eventually('Prometheus is ready', async () => (await fetch(url('prometheus', '/-/ready'))).ok);
    await eventually('the gateway is ready', async () => (await fetch(url('gateway', '/-/ready'))).ok);
    await eventually('the limiter is ready', () => fetch(url('limiter', '/metrics')));
    await eventually('the filter is ready', () => fetch(url('filterMetrics', '/metrics')));
  });

  afterAll(async () => {
    for (const child of running.reverse()) await endProgram(child);
    guard.close();
    guard.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  const url = (server: keyof typeof ports, path: string) => `http://127.0.0.1:${ports[server]}${path}`;

  function start(): void {
    const objects = manifests();
    const { storage } = parse(configFile(objects, 'prometheus-config', 'prometheus.yaml'));
    writeFileSync(join(folder, 'prometheus.yaml'), stringify({ storage }));
    writeFileSync(
      join(folder, 'relabel.yaml'),
      configFile(objects, 'metrics-gateway-config', 'relabel.yaml'),
    );
    const prometheus = [
      'prometheus',
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/data`,
      '--web.enable-remote-write-receiver',
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
    ];
    running.push(spawnKilledWithParent(prometheus, { stdio: 'ignore' }));
    const gateway = gatewayProgram(objects, {
      '-httpListenAddr': `127.0.0.1:${ports.gateway}`,
      '-remoteWrite.url': url('filter', '/api/v1/write'),
      '-remoteWrite.relabelConfig': `${folder}/relabel.yaml`,
      '-remoteWrite.tmpDataPath': `${folder}/queue`,
    });
    running.push(spawnKilledWithParent(['vmagent', ...gateway.args], { stdio: 'ignore', env: gateway.env }));
    const filter = filterProgram(objects, join(folder, 'filter'), {
      TARGET_URL: url('prometheus', '/api/v1/write'),
      LISTEN_PORT: `${ports.filter}`,
      METRICS_PORT: `${ports.filterMetrics}`,
    });
    const limiter = limiterProgram(objects, join(folder, 'limiter'), {
      TARGET_URL: url('gateway', '/api/v1/write'),
      LISTEN_PORT: `${ports.limiter}`,
    });
    for (const one of [filter, limiter]) running.push(script(one));
  }

  const script = ({ args, env }: Program) => spawn(program('node'), args, { stdio: 'inherit', env });

  async function push(key: string, body: string | Buffer, options: RequestInit = {}) {
    const payload = typeof body === 'string' ? body : new Uint8Array(body);
    const target = url('limiter', `${PREFIX}/metrics${key}${OF_NORTH}`);
    const answer = await fetch(target, { method: 'PUT', body: payload, ...options });
    return { status: answer.status, said: (await answer.text()).trim() };
  }

  async function query(expression: string) {
    const answer = await fetch(url('prometheus', `/api/v1/query?query=${encodeURIComponent(expression)}`));
    const { data } = (await answer.json()) as {
      data: {
        result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[];
      };
    };
    return data.result;
  }

  const stored = (expression: string) =>
    eventually(`${expression} is in Prometheus`, async () => {
      const found = await query(expression);
      return found.length > 0 && found;
    });

  const metrics = async () => (await fetch(url('limiter', '/metrics'))).text();

  test('of prom-client arrive each with the time at which it was pushed, under the labels of their key', async () => {
    const register = new Registry();
    const sold = new Counter({
      name: 'shop_sold_total',
      help: 'Sold.',
      labelNames: ['kind'],
      registers: [register],
    });
    const load = new Gauge({ name: 'shop_load', help: 'Load.', registers: [register] });
    const seconds = new Histogram({
      name: 'shop_seconds',
      help: 'Time.',
      buckets: [1, 5],
      registers: [register],
    });
    const client = new PushClient(url('guard', PREFIX), {}, register);
    const key = { jobName: 'shop', groupings: { hostname: 'edge-1', instance: 'a b ü' } };
    const before = Date.now() / 1_000;
    for (let count = 1; count <= 5; count++) {
      sold.inc({ kind: 'a\\"\nü' });
      load.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0.5, 1e300][count - 1] ?? 0);
      seconds.observe(count);
      const { resp } = await (count % 2 ? client.push(key) : client.pushAdd(key));
      expect((resp as IncomingMessage).statusCode).toBe(200);
      await sleep(50);
    }
    await stored('shop_sold_total == 5');
    const [one] = await query('shop_sold_total[1m]');
    expect(one?.metric).toEqual({
      __name__: 'shop_sold_total',
      cluster: 'default',
      group: 'north',
      hostname: 'edge-1',
      instance: 'a b ü',
      job: 'shop',
      kind: 'a\\"\nü',
      node: 'edge-1',
    });
    expect(one?.values?.map(([, value]) => value)).toEqual(['1', '2', '3', '4', '5']);
    for (const [time] of one?.values ?? []) expect(time).toBeGreaterThanOrEqual(Math.floor(before));
    const [all] = await query('shop_load[1m]');
    expect(all?.values?.map(([, value]) => value)).toEqual(['NaN', '+Inf', '-Inf', '-0.5', '1e+300']);
    const [buckets] = await query('shop_seconds_bucket{le="5"}');
    expect(buckets?.value?.[1]).toBe('5');
    const [pushed] = await query('push_time_seconds{job="shop"}');
    expect(Number(pushed?.value?.[1])).toBeGreaterThanOrEqual(Math.floor(before));
  });

  test('of curl are taken, packed, too, with PUT and POST', async () => {
    const target = (method: string) =>
      url('limiter', `${PREFIX}/metrics/job/curl/method/${method}${OF_NORTH}`);
    for (const method of ['PUT', 'POST']) {
      const curl = ['-sS', '-w', '%{http_code}', '-X', method, '--data-binary', 'x 1\n', target(method)];
      expect(await tryRun('curl', curl)).toMatchObject({ code: 0, stdout: '200' });
    }
    const headers = { 'Content-Encoding': 'gzip' };
    expect((await push('/job/curl/method/gzip', gzipSync('x 1\n'), { headers })).status).toBe(200);
    await eventually('all are there', async () => (await query('x{job="curl"}')).length === 3);
  });

  test.each<[string, string, string, number, RegExp]>([
    ['no text format', '/job/x', 'x\n', 400, /line 1: the value is not a number/],
    ['a line that is cut short', '/job/x', 'x 1\nx', 400, /truncated/],
    ['a series twice', '/job/x', 'a 1\na 2\n', 400, /line 2: the push contains a twice/],
    ['a name of the cloud', '/job/x', 'kube_node_info 1\n', 400, /reserved for cloud components/],
    ['a scrape that nobody made', '/job/x', 'up 1\n', 400, /reserved for cloud components/],
    ['a job of the cloud', '/job/loki', 'x 1\n', 400, /is reserved for cloud components/],
    ['a label of the cloud', '/job/x/cluster/y', 'x 1\n', 400, /the label cluster is reserved/],
    ['a node of its own making', '/job/x/node/y', 'x 1\n', 400, /the label node is reserved/],
    ['a group', '/job/x/group/south', 'x 1\n', 403, /the group of the user/],
    ['a key that is not UTF-8', '/job/%ff', 'x 1\n', 400, /not UTF-8/],
    [
      'more labels than are stored',
      `/job/x${Array.from({ length: 10 }, (_, n) => `/k${n}/v`).join('')}`,
      `x{${Array.from({ length: 60 }, (_, n) => `l${n}="v"`).join()}} 1\n`,
      400,
      /more than 64 labels/,
    ],
    ['more series than a node may have', '/job/x', series(201), 429, /too many different series/],
  ])('are refused whole, with the reason: %s', async (_, key, body, status, reason) => {
    expect(await push(key, `${body}`)).toEqual({ status, said: expect.stringMatching(reason) });
    expect(await query('{job="x"}')).toEqual([]);
  });

  test('are refused with other methods: there is nothing to delete', async () => {
    const answer = await fetch(url('limiter', `${PREFIX}/metrics/job/x${OF_NORTH}`), { method: 'DELETE' });
    expect([answer.status, (await answer.text()).trim()]).toEqual([405, 'allowed here: PUT, POST']);
  });

  test('share the limit of their node with what its agent writes, and what is known goes on', async () => {
    const key = '/job/filling/hostname/edge-2';
    expect((await push(key, series(150))).status).toBe(200);
    const written = Array.from({ length: 60 }, (_, number) => ({
      labels: { __name__: 'written', node: 'edge-2', number: `${number}` },
      samples: [new Sample(Date.now(), 1)],
    }));
    const write = await fetch(url('limiter', `/api/v1/write${OF_NORTH}`), {
      method: 'POST',
      body: new Uint8Array(writeRequest(written)),
    });
    expect(write.status).toBe(204);
    const refused =
      'metrics_gateway_limiter_series_refused_total{reason="too_many_series",group="north",node="edge-2"}';
    // 150, and two of the Pushgateway's own.
    expect(await metrics()).toContain(`${refused} ${150 + 2 + 60 - LIMITS.mostSeriesPerNode}\n`);
    expect((await push('/job/new/hostname/edge-2', 'x 1\n')).status).toBe(429);
    expect((await push(key, series(150))).status).toBe(200);
    expect((await push('/job/new/hostname/edge-3', 'x 1\n')).status).toBe(200);
  });

  test('are counted by what became of them', async () => {
    const text = await metrics();
    expect(text).toMatch(/^metrics_gateway_limiter_pushes_total [1-9]/m);
    expect(text).toContain('pushes_refused_total{reason="duplicate",group="north",node="",job="x"} 1\n');
    expect(text).toContain(
      'pushes_refused_total{reason="too_many_series",group="north",node="edge-2",job="new"} 1\n',
    );
  });
});

/** The part of the guard that matters here: it identifies the user of each push. */
const stampingServer = (port: number): Server =>
  createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const forwarded = request(
      { host: '127.0.0.1', port, method, path: url + OF_NORTH, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
