import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { type RequestOptions, type Response, request } from '../runtime/http';
import type { NetNamespace } from '../runtime/net-namespace';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { CLOUD, fleetDist, ReferenceStack } from '../stacks/reference-stack';
import { loadManifests } from '../support/manifests';
import { emptyPoints } from '../support/otlp';
import { Sample, type Series as Written, writeRequest } from '../support/write-request';
import { CountingService } from './counting-service';
import { type Push, PushingService } from './pushing-services';

/** `npm run test:e2e:long` makes it ten minutes. */
const OUTAGE_SECONDS = Number(process.env.E2E_OUTAGE_SECONDS ?? 60);

/** A batch is at most a minute old, the pause between two tries 60; then there is what waited to be sent. */
const CATCH_UP = { seconds: 180 + OUTAGE_SECONDS };

const EDGE_NODES = ['edge-1', 'edge-2', 'edge-3'];

/** Nodes that send, with the right password, samples that are invalid or belong to others. */
const UNWELCOME = {
  /** Its clock is a quarter of an hour ahead. */
  'edge-7': (now: number) => written('ahead', { node: 'edge-7' }, new Sample(now + 15 * MINUTE, 1)),
  /** Returns after longer than the store accepts late samples. */
  'edge-8': (now: number) => written('behind', { node: 'edge-8' }, new Sample(now - 3 * DAY, 1)),
  /** Sends the name of another cluster. */
  'edge-9': (now: number) =>
    written('forged', { node: 'edge-9', cluster: 'other', __cluster__: 'other' }, new Sample(now, 1)),
};
const WRITE_URL = 'https://push.fleet.example.com/api/v1/write';
const SERVICES_URL = 'https://push.fleet.example.com/services';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

jest.setTimeout((CATCH_UP.seconds + OUTAGE_SECONDS + 600) * 1_000);

describe('the remote-write path of the fleet environment', () => {
  let stack: ReferenceStack;
  let prometheus: Pod;
  let gateways: Pod[];
  let agents: Pod[];
  const services = new Map<string, CountingService>();
  /** When the agent of the first node was started last: from then on it counts the series that it scrapes. */
  let agentStarted = 0;
  let pushing: PushingService[];
  /** Pushes of each service until the link was back. */
  const pushed = new Map<PushingService, readonly Push[]>();
  const unwelcome = { running: true, done: Promise.resolve() };

  beforeAll(async () => {
    stack = await ReferenceStack.create({ dist: fleetDist(), edgeNodes: EDGE_NODES });
    for (const node of EDGE_NODES) services.set(node, await CountingService.start(stack.node(node)));
    prometheus = await stack.startCloud('prometheus');
    gateways = await stack.cluster.start('StatefulSet', CLOUD, 'metrics-gateway');
    // A Service leads to both gateways; nginx asks for their addresses when it starts.
    for (const guard of stack.guards) for (const container of guard.containers) await container.restart();
    await stack.startEdges('edge-node-exporter');
    agentStarted = Date.now();
    agents = await stack.startEdges('edge-metrics-agent');
    pushing = await PushingService.startAll(stack);
    await haveFirstSample();
    unwelcome.done = beUnwelcome();
    await eventually(
      'each node is in Prometheus',
      async () => (await nodes()) === EDGE_NODES.length,
      CATCH_UP,
    );
  });

  afterAll(async () => {
    unwelcome.running = false;
    await unwelcome.done;
    for (const service of [...services.values(), ...(pushing ?? [])]) await service.stop();
    await stack?.destroy();
  });

  /** The samples of each series of a range selector, with their times in milliseconds. */
  async function valuesOf(selector: string): Promise<{ values: [time: number, value: number][] }[]> {
    const path = `:9090/api/v1/query?query=${encodeURIComponent(selector)}`;
    const { body } = await stack.fromCloud(prometheus, path);
    const result: { values: [number, string][] }[] = JSON.parse(body).data.result;
    return result.map(({ values }) => ({
      values: values.map(([time, value]) => [Math.round(time * 1_000), Number(value)]),
    }));
  }

  /** Waits until pushes of a service are in Prometheus: each number once, at the time at which it was pushed, and no other one. */
  async function haveArrived({ job, refused }: PushingService, taken: readonly Push[]): Promise<void> {
    const last = taken.at(-1)?.number ?? 0;
    const stored = async () => {
      const [series] = await valuesOf(`pushed_number{job="${job}"}[2h]`);
      return series?.values.filter(([, number]) => number <= last) ?? [];
    };
    const all = async () => (await stored()).length >= taken.length;
    await eventually(`${taken.length} pushes of ${job} are there`, all, CATCH_UP).catch(() => {});
    const arrived = await stored();
    expect({ job, refused, numbers: arrived.map(([, number]) => number) }).toEqual({
      job,
      refused: [],
      numbers: taken.map(({ number }) => number),
    });
    for (const [index, [time]] of arrived.entries()) {
      expect(time).toBeGreaterThanOrEqual(taken[index]?.from ?? Number.NaN);
      expect(time).toBeLessThanOrEqual(taken[index]?.to ?? Number.NaN);
    }
  }

  const nodes = async () => (await stack.query(prometheus, 'node_boot_time_seconds')).length;

  /** The numbers of a counting service that Prometheus has, in the order of their times. */
  async function stored(node: string): Promise<number[]> {
    const [series] = await stack.samples(prometheus, `counted_readings{node="${node}"}[2h]`);
    return series ?? [];
  }

  /**
   * A database without a sample may refuse one of two that come at the same moment as too old
   * (https://github.com/prometheus/prometheus/commit/1cdee43726).
   */
  async function haveFirstSample(): Promise<void> {
    await eventually('a first sample is stored', async () => {
      await send(UNWELCOME['edge-9'](Date.now()));
      return (await stack.query(prometheus, 'forged')).length > 0;
    });
  }

  /** Writes without a pause, among the samples of all others. */
  async function beUnwelcome(): Promise<void> {
    while (unwelcome.running) {
      await Promise.all(Object.values(UNWELCOME).map((series) => send(series(Date.now()))));
      await sleep(200);
    }
  }

  const send = (series: Written) =>
    stack
      .fromEdge(WRITE_URL, {
        method: 'POST',
        body: writeRequest([series]),
        user: stack.credentials,
        headers: { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' },
      })
      .catch(() => {}); // While the ingress or the link is down.

  test('brings each node, its exporter and its services, with the labels of the schema', async () => {
    const [series] = await stack.query(prometheus, 'node_boot_time_seconds{node="edge-1"}');
    expect(series?.metric).toMatchObject({ cluster: 'fleet', job: 'node_exporter', instance: 'edge-1' });
    const [counted] = await stack.query(prometheus, 'counted_readings{node="edge-2"}');
    expect(counted?.metric).toMatchObject({ cluster: 'fleet', job: 'counting', instance: 'edge-2' });
  });

  test('takes what business services push, without a Pushgateway', async () => {
    const push = (method: string, key: string, body: string) =>
      stack.fromEdge(`${SERVICES_URL}/metrics${key}`, { method, body, user: stack.credentials });
    for (const method of ['PUT', 'POST']) {
      expect(await push(method, '/job/shop/hostname/edge-2', 'sold_total 7\n')).toMatchObject({
        status: 200,
      });
    }
    expect(await push('PUT', '/job/shop', 'sold_total 7\nsold_total 8\n')).toMatchObject({
      status: 400,
      body: expect.stringContaining('line 2: the push contains sold_total twice'),
    });
    expect(await push('PUT', '/shop', 'sold_total 7\n')).toMatchObject({ status: 400 });
    expect(await push('DELETE', '/job/shop/hostname/edge-2', '')).toMatchObject({ status: 405 });
    const sold = await eventually('it is there', async () => {
      const all = await stack.query(prometheus, 'sold_total');
      return all.length > 0 && all;
    });
    expect(sold.map(({ metric, value }) => [metric, value[1]])).toEqual([
      [{ __name__: 'sold_total', cluster: 'fleet', hostname: 'edge-2', job: 'shop', node: 'edge-2' }, '7'],
    ]);
  });

  test('shows in the log of the guard what ServicePushesRefused counts', async () => {
    const push = (key: string, options: RequestOptions) =>
      stack.fromEdge(`${SERVICES_URL}/metrics${key}`, {
        method: 'PUT',
        body: 'sold_total 7\n',
        user: stack.credentials,
        ...options,
      });
    const answers = [
      await push('/job/shop', { user: { ...stack.credentials, password: 'guessed' } }),
      await push('/shop', {}),
      await push('/job/shop', { method: 'DELETE' }),
      await push('/job/shop', { body: 'sold_total\n' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 400, 405, 400]);
    const { expr } = alertOfLoki('ServicePushesRefused');
    const [line, status] = [...expr.matchAll(/ \|(?:~| regexp) ("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '']) => new RegExp(JSON.parse(text).replace('(?P<', '(?<')),
    );
    const statuses = () =>
      stack.guards
        .flatMap(({ containers }) => containers.flatMap(({ logs }) => logs))
        .filter((text) => line?.test(text))
        .map((text) => Number(status?.exec(text)?.groups?.status));
    for (const { status: answered } of answers)
      await eventually(
        () => `${answered} is among ${statuses()}`,
        () => statuses().includes(answered),
      );
    expect(statuses()).not.toContain(200);
  });

  test('loses no sample and stores none twice: a dead link, a refused connection, restarts of all', async () => {
    const [agent] = agents;
    const said = services.get('edge-1')?.said.length ?? 0;
    stack.edgeNode.uplink.cut();
    await sleep((OUTAGE_SECONDS * 1_000) / 3);
    agentStarted = Date.now();
    await agent?.container('vmagent').restart();
    await stack.ingress.stop();
    for (const gateway of gateways) await gateway.container('metrics-gateway').restart();
    await sleep((OUTAGE_SECONDS * 1_000) / 3);
    await prometheus.container('prometheus').restart();
    await prometheus.waitUntilReady();
    await stack.ingress.start();
    await sleep((OUTAGE_SECONDS * 1_000) / 3);
    stack.edgeNode.uplink.restore();
    for (const service of pushing) pushed.set(service, service.taken);
    const last = new Map([...services].map(([node, service]) => [node, service.said.length]));
    expect((last.get('edge-1') ?? 0) - said).toBeGreaterThanOrEqual(OUTAGE_SECONDS / 10 - 2);
    for (const [node, count] of last) {
      const readings = services.get(node)?.said.slice(0, count) ?? [];
      const arrived = async () => (await stored(node)).filter((number) => number <= count);
      // Not only the newest: blocks go by two gateways, of which one may pause longer between its tries.
      const all = async () => new Set(await arrived()).size === readings.length;
      await eventually(`all ${count} readings of ${node} are there`, all, CATCH_UP).catch(() => {});
      expect({ node, numbers: await arrived() }).toEqual({ node, numbers: readings });
    }
  });

  test('brings what is scraped once a minute under the same labels, and one `up` of each exporter', async () => {
    const slow = await eventually('all nodes sent it', async () => {
      const series = await stack.query(prometheus, 'node_uname_info');
      return series.length === EDGE_NODES.length && series;
    });
    const labels = Object.keys(slow[0]?.metric ?? {});
    expect(labels).toEqual(expect.arrayContaining(['cluster', 'instance', 'job', 'node']));
    expect(labels).not.toContain('slow_scrape');
    const own = '{job="node_exporter", node="edge-1"}';
    const [up, series] = await Promise.all(
      ['up', 'scrape_series_current'].map((name) => stack.query(prometheus, `${name}${own}`)),
    );
    expect(up?.map(({ value }) => value[1])).toEqual(['1']);
    expect(series).toHaveLength(2);
    let counts: (string | undefined)[] = [];
    const areEqual = async () => {
      // Removed series count, too, such as those of a file system that was unmounted meanwhile.
      const range = `${Math.ceil((Date.now() - agentStarted) / 1_000)}s`;
      const queries = [
        `count(last_over_time({__name__=~"node_.+", node="edge-1"}[${range}]))`,
        `sum(scrape_series_current${own})`,
      ];
      const answers = await Promise.all(queries.map((query) => stack.query(prometheus, query)));
      counts = answers.map(([answer]) => answer?.value[1]);
      return counts[0] === counts[1];
    };
    // Of an outage, some blocks come later than others.
    await eventually(() => `as many series are stored as were scraped: ${counts}`, areEqual, CATCH_UP);
  });

  test('brings each push of services to their node, with the time at which it was pushed', async () => {
    for (const [service, taken] of pushed) await haveArrived(service, taken);
  });

  test('gives pushes the labels of the schema, and the names that Prometheus has', async () => {
    const [series] = await stack.query(prometheus, 'pushed_number{job="prom-client"}');
    const ofNode = { cluster: 'fleet', group: 'plants', node: 'edge-1', instance: 'one' };
    expect(series?.metric).toEqual({ ...ofNode, __name__: 'pushed_number', job: 'prom-client' });
    const names = ['shop_orders_seconds_total', 'shop_time_milliseconds_bucket{le="5"}', 'push_time_seconds'];
    for (const name of names) {
      const [one] = await stack.query(
        prometheus,
        `${name.replace('}', ', ').replace(/^[^{]+$/, '$&{')}job="opentelemetry"}`,
      );
      expect([name, one?.metric]).toEqual([
        name,
        expect.objectContaining({ ...ofNode, job: 'opentelemetry' }),
      ]);
    }
  });

  describe('of pushes', () => {
    const from =
      (node: string) =>
      (path: string, options: RequestOptions = {}) =>
        request(
          stack.node(node).namespace,
          `http://${node === 'edge-1' ? '127.0.0.1' : stack.edgeNode.address}${path}`,
          {
            method: 'POST',
            body: 'x 1\n',
            seconds: 60,
            ...options,
          },
        );
    const here = from('edge-1');

    test.each<[string, string, RequestOptions, number, string]>([
      [
        'a body that is no text',
        ':9091/metrics/job/x',
        { body: 'x\n' },
        400,
        'line 1: the value is not a number',
      ],
      [
        'a job that the agent reads',
        ':9091/metrics/job/node_exporter',
        {},
        400,
        'is reserved for targets of the agent',
      ],
      [
        'a node of its own making',
        ':9091/metrics/job/x/node/edge-2',
        {},
        400,
        "the node's agent sets this label",
      ],
      ['DELETE', ':9091/metrics/job/x', { method: 'DELETE' }, 405, 'there is nothing to delete'],
      [
        'OTLP as JSON',
        ':9091/v1/metrics',
        { headers: { 'Content-Type': 'application/json' } },
        415,
        'http/protobuf',
      ],
      ['other paths', ':9091/-/reload', {}, 404, 'pushes go to /metrics/job/<job>'],
      ['the agent itself', ':8429/api/v1/import/prometheus', {}, 401, ''],
      ['the configuration of the agent', ':8429/config', { method: 'GET' }, 401, ''],
    ])('refuses %s, with the reason', async (_, path, options, status, reason) => {
      const answer = await here(path, options);
      expect(answer).toMatchObject({ status, body: expect.stringContaining(reason) });
    });

    test('refuses other nodes, and pods without the password', async () => {
      expect(await from('edge-2')(':9091/metrics/job/x')).toMatchObject({
        status: 403,
        body: 'only pods of this node are allowed to push\n',
      });
      const url = `http://${stack.edgeNode.address}:9091/metrics/job/x`;
      const inPod = pushing[0]?.network as NetNamespace;
      expect(await request(inPod, url, { method: 'POST', body: 'x 1\n' })).toMatchObject({ status: 401 });
    });

    test('refuses bodies that are made to cost much, and takes all of its neighbours', async () => {
      const before = pushing.map(({ taken }) => taken.length);
      const otlp = { headers: { 'Content-Type': 'application/x-protobuf' } };
      const answers = await Promise.all([
        here(':9091/v1/metrics', { ...otlp, body: emptyPoints('a'.repeat(100_000), 900) }),
        here(':9091/v1/metrics', { ...otlp, body: emptyPoints('empty', 90_000) }),
        ...Array.from({ length: 8 }, (_, at) =>
          here(`:9091/metrics/job/large-${at % 4}`, { body: 'x'.repeat(250_000) }),
        ),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
      for (const [index, service] of pushing.entries()) {
        await eventually(`${service.job} goes on`, () => service.taken.length > (before[index] ?? 0) + 2);
        expect(service.refused).toEqual([]);
      }
    });

    const counters = async () => (await here(':9091/metrics', { method: 'GET', body: undefined })).body;

    test('cuts a service that floods, and stores each push of its neighbours at its time', async () => {
      const before = pushing.map(({ taken }) => taken.length);
      const flood = (at: number) =>
        Array.from({ length: 400 }, (_, number) => `flood{at="${at}", number="${number}"} 1\n`).join('');
      const answers: Response[] = [];
      for (let at = 0; at < 12; at++)
        answers.push(await here(':9091/metrics/job/flood', { body: flood(at) }));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, ...Array(10).fill(429)]);
      expect(answers[2]?.body).toContain('more than 1000 different series within two hours');
      for (const [index, service] of pushing.entries()) {
        await eventually(`${service.job} goes on`, () => service.taken.length > (before[index] ?? 0) + 2);
      }
      // Also those from before the flood, of which none may be missing.
      for (const service of pushing) await haveArrived(service, service.taken);
      expect(await counters()).toContain(
        'edge_pushes_refused_total{job="flood",reason="too_many_series"} 10\n',
      );
      const counted = await stack.query(prometheus, 'edge_pushes_total{job="curl", node="edge-1"}');
      expect(counted).toHaveLength(1);
    });

    test('counts the pushes of all jobs beyond the limit as those of one job', async () => {
      const answers: Response[] = [];
      for (let at = 0; at < 60; at++) answers.push(await here(`:9091/metrics/job/many-${at}`));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(10);
      expect(answers.at(-1)?.body).toBe(
        '50 jobs push to this node already, which is the maximum: the job many-59 is rejected\n',
      );
      const own = `{job="(other)",reason="too_many_jobs"} ${refused.length}\n`;
      expect(await counters()).toContain(`edge_pushes_refused_total${own}`);
    });
  });

  test('keeps what nobody may store from the requests of others, and counts it by node', async () => {
    const dropped = await eventually(
      'the drops are in Prometheus',
      async () => {
        const series = await stack.query(prometheus, 'metrics_gateway_filter_samples_dropped_total');
        return new Set(series.map(({ metric }) => metric.reason)).size === 2 && series;
      },
      CATCH_UP,
    );
    const reasons = dropped.map(({ metric }) => `${metric.reason} ${metric.node}`);
    expect(new Set(reasons)).toEqual(new Set(['too_far_ahead edge-7', 'too_old edge-8']));
    expect(await stack.query(prometheus, 'ahead or behind')).toEqual([]);
    for (const gateway of gateways) {
      const { body } = await stack.fromCloud(gateway, ':8429/metrics');
      expect(body).toMatch(/^vmagent_rows_inserted_total\{type="promremotewrite"\} [1-9]/m);
    }
    const lost = await stack.query(prometheus, 'vmagent_remotewrite_packets_dropped_total > 0');
    expect(lost).toEqual([]);
  });

  test('believes no client that says it is of another cluster', async () => {
    const forged = await eventually(
      'a sample of it is there',
      async () => {
        const series = await stack.query(prometheus, 'forged');
        return series.length > 0 && series;
      },
      CATCH_UP,
    );
    expect(forged.map(({ metric }) => metric.cluster)).toEqual(['fleet']);
  });

  test('stays within its memory: the agent below 40 MiB, also during the outage and after it', async () => {
    const resident = 'process_resident_memory_bytes{job="edge-metrics-agent"}';
    const memory = await stack.query(prometheus, `max_over_time(${resident}[2h])`);
    expect(memory).toHaveLength(EDGE_NODES.length);
    for (const { value } of memory) expect(Number(value[1])).toBeLessThan(40 * 2 ** 20);
    const containers = [...agents, ...gateways, prometheus].flatMap((pod) => pod.containers);
    expect(containers.map(({ memory: limit }) => limit.kills)).toEqual(containers.map(() => 0));
  });
});

/** A rule of Loki in the manifests. */
function alertOfLoki(name: string): { alert: string; expr: string } {
  const texts = loadManifests(join(fleetDist(), 'cloud')).flatMap(({ kind, data = {} }) =>
    kind === 'ConfigMap' ? (Object.values(data) as string[]) : [],
  );
  const rules = texts
    .filter((text) => text.includes(`alert: ${name}\n`))
    .flatMap((text) => parse(text).groups.flatMap((group: { rules: object[] }) => group.rules));
  return rules.find(({ alert }) => alert === name);
}

const written = (name: string, labels: Record<string, string>, ...samples: Sample[]): Written => ({
  labels: { __name__: name, ...labels },
  samples,
});
