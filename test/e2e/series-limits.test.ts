import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BasicAuthIngress, MetricsGateway, Prometheus, proxy } from '../../lib';
import { requireCredentials, requiredSecrets } from '../../lib/core/required-secrets';
import { run, secretsIn } from '../credentials/environment';
import type { Manifest } from '../support/manifests';
import { synthesized } from '../support/synthesize';
import { Sample, writeRequest } from '../support/write-request';
import { Cluster } from './runtime/cluster';
import { request } from './runtime/http';
import { IngressController } from './runtime/ingress-controller';
import type { Node } from './runtime/node';
import type { Pod } from './runtime/pod';
import { program, tryRun } from './runtime/programs';
import { type Credentials, secret } from './runtime/secrets';
import { eventually } from './runtime/wait';
import { CLOUD, EDGE, EDGE_NODE_LABELS, type Series } from './stack';

const HOST = 'push.example.com';
const WRITE = `https://${HOST}/api/v1/write`;
const PROGRAM = join(__dirname, 'hostile/main.mjs');

/** `npm run test:e2e:long` sends fifty times as many. */
const HOSTILE_WRITES = Number(process.env.E2E_HOSTILE_WRITES ?? 1_000);
const FLOODS = Number(process.env.E2E_FLOODS ?? 15);
const SEED = Number(process.env.E2E_SEED ?? Date.now() % 2 ** 31);

/** Of each group: what a flood may come to is known. */
const LIMITS = { nodes: 20, seriesPerNode: 300, mostSeriesPerNode: 1_000, sharedSeries: 2_000 };
const MOST_SERIES = LIMITS.nodes * LIMITS.seriesPerNode + LIMITS.sharedSeries;

jest.setTimeout(600_000 + HOSTILE_WRITES * 200);

/** A node that writes once a second what it counts, and again what was not taken. */
class HonestNode {
  private running = true;
  private readonly waiting: Sample[] = [];
  private readonly done: Promise<void>;
  /** How many it has counted. */
  count = 0;

  constructor(private readonly write: (samples: readonly Sample[]) => Promise<number>) {
    this.done = this.work();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async work(): Promise<void> {
    while (this.running || this.waiting.length > 0) {
      if (this.running) this.waiting.push(new Sample(Date.now(), ++this.count));
      const taken = [...this.waiting];
      const status = await this.write(taken).catch(() => 0);
      if (status >= 200 && status < 300) this.waiting.splice(0, taken.length);
      await sleep(1_000);
    }
  }
}

describe('hostile writers of series', () => {
  const cluster = new Cluster();
  let needed: ReturnType<typeof requiredSecrets> = [];
  let edge: Node;
  let cloud: Node;
  let ingress: IngressController;
  let prometheus: Pod;
  let gateways: Pod[];
  let honest: HonestNode;

  beforeAll(async () => {
    cloud = cluster.addNode({ name: 'cloud-1' });
    edge = cluster.addNode({ name: 'edge-1', labels: EDGE_NODE_LABELS });
    cluster.apply(...stack());
    cluster.apply(secret(CLOUD, 'push-tls', { ...cluster.authority.issue(HOST) }));
    applyCredentials([]);
    [prometheus] = (await cluster.start('StatefulSet', CLOUD, 'prometheus')) as [Pod];
    gateways = await cluster.start('StatefulSet', CLOUD, 'metrics-gateway');
    await cluster.start('Deployment', CLOUD, 'push-guard');
    ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    honest = new HonestNode(writeHonestly);
    await eventually('the honest node is in Prometheus', async () => (await counted()).length > 0, {
      seconds: 60,
    });
  });

  afterAll(async () => {
    await honest?.stop();
    await cluster.destroy();
  });

  function stack(): Manifest[] {
    return synthesized((chart) => {
      const store = new Prometheus(chart, 'prometheus', { scrapeInterval: '5s' });
      const ingress = new BasicAuthIngress(chart, 'ingress', {
        name: 'push',
        host: HOST,
        tls: { secretName: 'push-tls' },
        controller: proxy({ namespace: 'ingress-nginx' }),
        groups: ['north', 'south'],
      });
      const gateway = new MetricsGateway(chart, 'gateway', {
        store,
        ingress,
        groupLimits: { north: LIMITS, south: LIMITS },
      });
      store.addTarget(gateway);
      for (const group of ['north', 'south']) {
        const { endpoint } = gateway;
        const credentialsSecretName = `${endpoint.credentialsSecretName}-${group}`;
        requireCredentials(chart, EDGE, { ...endpoint, group, credentialsSecretName });
      }
      needed = requiredSecrets(chart.node.root);
    });
  }

  /** Runs the credentials command on what the cluster has, as its documentation says, and applies what it prints. */
  function applyCredentials(args: readonly string[]): void {
    const users = cluster.all('Secret').find(({ metadata }) => metadata.name === 'push-users');
    const { code, stdout, stderr } = run(args, users && JSON.stringify(users), { needed });
    if (code !== 0) throw new Error(stderr);
    cluster.apply(...[...secretsIn(stdout).values()].map((one) => one as Manifest));
  }

  function credentialsOf(group: string): Credentials {
    const found = cluster.object('Secret', EDGE, `push-credentials-${group}`);
    return (found as unknown as { stringData: Credentials }).stringData;
  }

  async function writeHonestly(samples: readonly Sample[]): Promise<number> {
    const labels = { __name__: 'honest_total', node: 'honest', job: 'counting' };
    const { status } = await request(edge.namespace, WRITE, {
      method: 'POST',
      body: writeRequest([{ labels, samples }]),
      headers: { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' },
      user: credentialsOf('south'),
      address: ingress.address,
      authorityFile: cluster.authority.file,
    });
    return status;
  }

  /** Lets a client of the group north write, and returns how many answers had which status. */
  async function hostile(what: object, user = credentialsOf('north')): Promise<Record<string, number>> {
    const target = {
      url: WRITE,
      address: ingress.address,
      authorityFile: cluster.authority.file,
      auth: `${user.username}:${user.password}`,
    };
    const told = JSON.stringify({ target, seed: SEED, ...what });
    const command = [...edge.namespace.entry, program('node'), PROGRAM, told];
    const { code, stdout, stderr } = await tryRun('nsenter', command);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  async function query(expression: string): Promise<Series[]> {
    const url = `http://${prometheus.address}:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
    return JSON.parse((await request(cloud.namespace, url)).body).data.result;
  }

  /** What Prometheus has of the honest node, with its times in seconds. */
  async function counted(): Promise<readonly (readonly [number, string])[]> {
    const [series] = await query('honest_total{node="honest", group="south"}[1h]');
    return (series as unknown as { values?: [number, string][] } | undefined)?.values ?? [];
  }

  /** Whether all is there that the honest node counted until now, and nothing was killed. */
  async function expectNoHarm(): Promise<void> {
    const { count } = honest;
    const all = Array.from({ length: count }, (_, index) => `${index + 1}`);
    const found = async () =>
      (await counted()).map(([, value]) => value).filter((value) => Number(value) <= count);
    await eventually('all samples are there', async () => (await found()).length >= count, {
      seconds: 90,
    }).catch(() => {});
    expect({ seed: SEED, found: await found() }).toEqual({ seed: SEED, found: all });
    const containers = [...gateways, prometheus].flatMap((pod) => pod.containers);
    expect({ seed: SEED, kills: containers.map(({ memory }) => memory.kills) }).toEqual({
      seed: SEED,
      kills: containers.map(() => 0),
    });
  }

  const headSeries = async () =>
    Number((await query('prometheus_tsdb_head_series')).at(0)?.value[1] ?? Number.NaN);

  test('a flood of new series costs its sender, and nobody else a sample', async () => {
    const before = await eventually(
      'Prometheus has read itself',
      async () => (await headSeries()) > 0 && headSeries(),
    );
    const answers = await hostile({ kind: 'flood', count: FLOODS, series: 100_000 });
    expect(Object.values(answers).reduce((sum, one) => sum + one)).toBe(FLOODS);
    expect(answers['400']).toBeGreaterThan(FLOODS / 2);
    await expectNoHarm();
    const letIn = await query('count({__name__="flood"})');
    expect(Number(letIn[0]?.value[1] ?? 0)).toBeLessThanOrEqual(gateways.length * LIMITS.mostSeriesPerNode);
    expect((await headSeries()) - before).toBeLessThan(gateways.length * MOST_SERIES);
    await eventually(
      'it is told of',
      async () =>
        (await query('metrics_gateway_limiter_series_refused_total{node="hostile", group="north"}')).length >
        0,
    );
  });

  test('whatever is generated, scrapes answer and the honest samples are there', async () => {
    const answers = await hostile({ kind: 'generated', count: HOSTILE_WRITES });
    // A server that ends answers nothing, and nginx 502 for it.
    expect({ seed: SEED, 0: answers['0'] ?? 0, 502: answers['502'] ?? 0 }).toEqual({
      seed: SEED,
      0: 0,
      502: 0,
    });
    expect(answers['204']).toBeGreaterThan(0);
    await expectNoHarm();
    const down = await query('up == 0');
    expect({ seed: SEED, down: down.map(({ metric }) => metric.job) }).toEqual({ seed: SEED, down: [] });
    const forged = await query(
      '{group="north", __name__=~"kube_.+|ALERTS|.+:.+"} or {group="north", job=~"loki|prometheus"}',
    );
    expect(forged).toEqual([]);
    // Who is of the group north is nobody of the group south.
    expect(await query('{group="south", __name__!="honest_total", job!~"metrics-gateway-.+"}')).toEqual([]);
  });

  test('after a restart of everything, what was known goes on beside the flood', async () => {
    const flooded = hostile({ kind: 'flood', count: FLOODS, series: 100_000, seed: SEED + 1 });
    for (const pod of gateways) for (const container of pod.containers) await container.restart();
    await prometheus.container('prometheus').restart();
    await prometheus.ready();
    await flooded;
    await expectNoHarm();
  });

  test('a user who was removed by the documented command gets nothing in any more', async () => {
    const stolen = credentialsOf('north');
    applyCredentials(['--rotate', '--group', 'north']);
    applyCredentials(['--retire', 'north', '--force']);
    await eventually('the user is out', async () => {
      const answers = await hostile({ kind: 'flood', count: 1, series: 10 }, stolen);
      return answers['401'] === 1;
    });
    await expectNoHarm();
  });
});
