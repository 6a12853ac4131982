import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { MetricsGateway, Prometheus } from '../../lib';
import { freePort } from '../runtime/free-port';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { filterProgram, gatewayProgram } from '../stacks/gateway-programs';
import { configFile } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { Sample, type Series, writeRequest } from '../support/write-request';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Simulated delay of a response of Prometheus compared to loopback. */
const SLOWER_MS = 4;

const manifests = () =>
  synthesizeChart((chart) => {
    const prometheus = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d' });
    prometheus.addTarget(new MetricsGateway(chart, 'gateway', { store: prometheus }));
  });

const series = (name: string, node: string, ...samples: Sample[]): Series => ({
  labels: { __name__: name, group: 'plant', node },
  samples,
});
const one = (name: string, node: string, time = Date.now(), value = 1) =>
  series(name, node, new Sample(time, value));

const TWICE = Date.now() - MINUTE;
const NOW = [new Sample(Date.now(), 1)];

/**
 * Samples that Prometheus does not or only partly accept, with the reason that the filter counts; undefined if
 * accepted.
 */
const FAULTS: readonly [fault: string, reason: string | undefined, dropped: number, sent: Series][] = [
  ['a month late', 'too_old', 1, one('x_old', 'old', Date.now() - 30 * DAY)],
  ['without a time', 'too_old', 1, one('x_zero', 'zero', 0)],
  ['before 1970', 'too_old', 1, one('x_early', 'early', -5)],
  ['an hour ahead', 'too_far_ahead', 1, one('x_ahead', 'ahead', Date.now() + 60 * MINUTE)],
  ['another value of a time', 'duplicate', 1, one('x_twice', 'twice', TWICE, 2)],
  [
    'good and bad in one series',
    'too_far_ahead',
    1,
    series('x_mixed', 'mixed', new Sample(Date.now(), 1), new Sample(Date.now() + 60 * MINUTE, 2)),
  ],
  ['without a name', 'invalid_labels', 2, { labels: { node: 'nameless' }, samples: [...NOW, ...NOW] }],
  [
    'a name twice',
    'invalid_labels',
    2,
    {
      labels: [
        ['__name__', 'x_d'],
        ['a', '1'],
        ['a', '2'],
        ['node', 'double'],
      ],
      samples: [...NOW, ...NOW],
    },
  ],
  [
    'not UTF-8',
    'invalid_labels',
    2,
    {
      labels: [
        ['__name__', 'x_utf'],
        ['a', Buffer.from([0xff])],
        ['node', 'binary'],
      ],
      samples: [...NOW, ...NOW],
    },
  ],
  ['late, within the window', undefined, 0, one('x_late', 'late', Date.now() - 30 * MINUTE)],
  [
    'labels in no order',
    undefined,
    0,
    { labels: { node: 'order', __name__: 'x_order', a: 'b' }, samples: NOW },
  ],
  [
    'a long label',
    undefined,
    0,
    { labels: { __name__: 'x_long', a: 'a'.repeat(1e5), node: 'long' }, samples: NOW },
  ],
];

describe('what Prometheus refuses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'filter-'));
  const objects = manifests();
  const ports = { prometheus: 0, slow: 0, gateway: 0, filter: 0, metrics: 0 };
  const running = new Map<string, ChildProcess>();
  let slow: Server;

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    slow = slowServer(ports.prometheus).listen(ports.slow, '127.0.0.1');
    startPrometheus();
    startFilter();
    startGateway();
    await eventually('Prometheus is ready', async () => (await fetch(url('prometheus', '/-/ready'))).ok);
    await eventually('the gateway is ready', async () => (await fetch(url('gateway', '/-/ready'))).ok);
    await eventually('the filter is ready', filterMetrics);
  });

  afterAll(async () => {
    for (const name of [...running.keys()]) await stop(name, 'SIGTERM');
    slow.close();
    slow.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  const url = (server: keyof typeof ports, path: string) => `http://127.0.0.1:${ports[server]}${path}`;
  const filterMetrics = async () => (await fetch(url('metrics', '/metrics'))).text();

  function startPrometheus(): void {
    const { storage } = parse(configFile(objects, 'prometheus-config', 'prometheus.yaml'));
    writeFileSync(join(folder, 'prometheus.yaml'), stringify({ storage }));
    const args = ['--web.enable-remote-write-receiver', `--web.listen-address=127.0.0.1:${ports.prometheus}`];
    const files = [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`];
    running.set('prometheus', spawnKilledWithParent(['prometheus', ...files, ...args], { stdio: 'ignore' }));
  }

  function startFilter(): void {
    const { args, env } = filterProgram(objects, join(folder, 'filter'), {
      TARGET_URL: url('slow', '/api/v1/write'),
      LISTEN_PORT: `${ports.filter}`,
      METRICS_PORT: `${ports.metrics}`,
    });
    running.set('filter', spawn(process.execPath, args, { stdio: 'ignore', env }));
  }

  function startGateway(): void {
    writeFileSync(
      join(folder, 'relabel.yaml'),
      configFile(objects, 'metrics-gateway-config', 'relabel.yaml'),
    );
    const { args, env } = gatewayProgram(objects, {
      '-httpListenAddr': `127.0.0.1:${ports.gateway}`,
      '-remoteWrite.url': url('filter', '/api/v1/write'),
      '-remoteWrite.relabelConfig': `${folder}/relabel.yaml`,
      '-remoteWrite.tmpDataPath': `${folder}/queue`,
    });
    running.set('gateway', spawnKilledWithParent(['vmagent', ...args], { stdio: 'ignore', env }));
  }

  async function stop(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = running.get(name);
    running.delete(name);
    if (child) await endProgram(child, signal);
  }

  async function write(to: 'filter' | 'gateway', ...all: Series[]): Promise<number> {
    const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    const body = new Uint8Array(writeRequest(all));
    return (await fetch(url(to, '/api/v1/write'), { method: 'POST', headers, body })).status;
  }

  /** Values of a series that are stored. */
  async function stored(selector: string): Promise<number[]> {
    const asked = new URLSearchParams({ query: `{${selector}}[2h]`, time: `${Date.now() / 1_000 + 300}` });
    const answer = await fetch(url('prometheus', `/api/v1/query?${asked}`));
    const { data } = (await answer.json()) as { data: { result: { values: [number, string][] }[] } };
    return data.result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
  }

  async function dropped(reason: string, node: string): Promise<number> {
    const line = new RegExp(`dropped_total\\{reason="${reason}",group="[a-z]*",node="${node}"\\} (\\d+)`);
    return Number(line.exec(await filterMetrics())?.[1] ?? 0);
  }

  /** A refused sample, which makes the store report the result of all others. */
  const refused = () => one('x_refused', 'refused', Date.now() - 30 * DAY);

  test('is a sample, a series, and nothing of its neighbours', async () => {
    await write('filter', one('x_twice', 'twice', TWICE, 1));
    const sent = FAULTS.flatMap(([, , , fault], index) => [one('neighbour', `before-${index}`), fault]);
    expect(await write('filter', ...sent, one('neighbour', 'last'))).toBe(204);
    expect(await stored('__name__="neighbour"')).toHaveLength(FAULTS.length + 1);
  });

  test.each(FAULTS)('%s: counted as %s', async (_, reason, expected, fault) => {
    const labels = Object.fromEntries(
      Array.isArray(fault.labels) ? fault.labels : Object.entries(fault.labels),
    ) as Record<string, string>;
    if (reason) expect(await dropped(reason, `${labels.node}`)).toBe(expected);
    else expect(await stored(`node="${labels.node}"`)).toEqual([1]);
  });

  test('keeps the good samples of a series with bad ones, and the first of two values', async () => {
    expect(await stored('__name__="x_mixed"')).toEqual([1]);
    expect(await stored('__name__="x_twice"')).toEqual([1]);
  });

  test('costs two requests, one where all is well', async () => {
    const requests = async () => {
      const text = await (await fetch(url('prometheus', '/metrics'))).text();
      const lines = text.matchAll(/^prometheus_http_requests_total\{.*"\/api\/v1\/write"\} (\d+)$/gm);
      return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await requests();
    await write('filter', one('well', 'one'));
    expect((await requests()) - before).toBe(1);
    await write('filter', one('well', 'one'), refused());
    expect((await requests()) - before).toBe(3);
  });

  test('does not stop the queue: 2,500 names of nodes with four refused series each, again and again', async () => {
    const time = Date.now() - 30 * DAY;
    const invented = Array.from({ length: 2_500 }, (_, node) =>
      Array.from({ length: 4 }, (_, index) => one(`x_hostile_${index}`, `invented-${node}`, time)),
    );
    let sent = 0;
    let isOver = false;
    const honest = async () => {
      for (; !isOver; await sleep(200)) {
        const answer = await write('gateway', one('honest', 'edge-1', Date.now(), sent + 1)).catch(() => 0);
        if (answer === 204) sent++;
      }
    };
    const readings = honest();
    // In requests as large as an edge agent's; the gateway makes blocks of them that hold honest samples, too.
    const flood = async () => {
      for (let at = 0; at < invented.length; at += 500) {
        await write('gateway', ...invented.slice(at, at + 500).flat());
      }
    };
    try {
      for (let round = 0; round < 4; round++) await flood();
      await stop('filter', 'SIGKILL');
      await flood();
      startFilter();
      await flood();
      await stop('gateway', 'SIGTERM');
      startGateway();
      await eventually('the gateway is back', async () => (await fetch(url('gateway', '/-/ready'))).ok);
      await flood();
    } finally {
      await sleep(1_000);
      isOver = true;
      await readings;
    }
    const expected = Array.from({ length: sent }, (_, index) => index + 1);
    await eventually(
      () => `all ${sent} honest samples are stored`,
      async () => (await stored('__name__="honest"')).length >= sent,
      { seconds: 90 },
    );
    expect(new Set(await stored('__name__="honest"'))).toEqual(new Set(expected));
    expect(await (await fetch(url('gateway', '/metrics'))).text()).toMatch(
      /^vmagent_remotewrite_packets_dropped_total\{.*\} 0$/m,
    );
  });
});

/** Prometheus, a little further away. */
function slowServer(port: number): Server {
  return createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const forwarded = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      setTimeout(() => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }, SLOWER_MS);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
}
