import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BasicAuthIngress, MetricsGateway, Prometheus, Pushgateway, proxy } from '../../lib';
import { registerClientSecretAndExternalSecret, requiredSecrets } from '../../lib/core/required-secrets';
import { Cluster } from '../runtime/cluster';
import { type RequestOptions, type Response, request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { program, tryRun } from '../runtime/programs';
import { type Credentials, secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { CLOUD, EDGE, EDGE_NODE_LABELS, type Series } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { type Sample, writeRequest } from '../support/write-request';
import { parseSecrets, runCredentials } from '../tools/credentials/environment';
import { PushingNode, WritingNode } from './honest-nodes';

const HOST = 'push.example.com';
const URL = `https://${HOST}`;
const HONEST_KEY = '/metrics/job/honest/instance/honest/hostname/honest';
const PROGRAM = join(__dirname, 'hostile/main.mjs');
const GROUPS = ['north', 'south'];

/** Maximum per group: the effect of a flood is known. */
export const LIMITS = { nodes: 20, seriesPerNode: 300, mostSeriesPerNode: 1_000, sharedSeries: 2_000 };

/** The same of each group's pushes; a grouping key counts as 20 series, and each node has 400 for itself. */
export const PUSH_LIMITS = { nodes: 20, series: 10_000, seriesPerNode: 2_500 };

/** `E2E_SEED` repeats a run that failed. */
export const SEED = Number(process.env.E2E_SEED ?? Date.now() % 2 ** 31);

/** Requests of one kind; `seed` makes those of one run differ from those of another. */
export interface HostileRequests {
  /**
   * `flood`: remote writes of one node, of series that are new; `generated`: remote writes of any kind. `invented`: pushes of
   * nodes that are new; `changing`: pushes of four nodes, each time of series that are new. `each`: every attack of a list, whose names the answers have
   * in place of statuses.
   */
  readonly kind: 'flood' | 'generated' | 'invented' | 'changing' | 'each';
  /** Number of requests. @default - each attack once */
  readonly count?: number;
  /** Series of each request. @default - that of its kind */
  readonly series?: number;
  readonly seed?: number;
}

/**
 * A gateway and a Pushgateway before a Prometheus; an honest node of the group south that uses both, and hostile clients of
 * the group north.
 */
export class HostileStack {
  private readonly cluster = new Cluster();
  private readonly cloud: Node;
  private readonly edge: Node;
  private readonly ingress: IngressController;
  private needed: ReturnType<typeof requiredSecrets> = [];
  private honest?: WritingNode;
  private pushing?: PushingNode;
  private uninterruptedSince = 0;
  prometheus!: Pod;
  gateways!: readonly Pod[];
  pushgateway!: Pod;

  static async create(): Promise<HostileStack> {
    const stack = new HostileStack();
    await stack.start().catch(async (error) => {
      await stack.destroy();
      throw error;
    });
    return stack;
  }

  private constructor() {
    this.cloud = this.cluster.addNode({ name: 'cloud-1' });
    this.edge = this.cluster.addNode({ name: 'edge-1', labels: EDGE_NODE_LABELS });
    this.cluster.apply(...this.manifests());
    this.cluster.apply(secret(CLOUD, 'push-tls', { ...this.cluster.authority.issue(HOST) }));
    this.applyCredentials([]);
    this.ingress = new IngressController(this.cluster, this.cluster.addNode({ name: 'ingress' }));
  }

  private async start(): Promise<void> {
    [this.prometheus] = (await this.cluster.start('StatefulSet', CLOUD, 'prometheus')) as [Pod];
    this.gateways = await this.cluster.start('StatefulSet', CLOUD, 'metrics-gateway');
    [this.pushgateway] = (await this.cluster.start('StatefulSet', CLOUD, 'pushgateway')) as [Pod];
    await this.cluster.start('Deployment', CLOUD, 'push-guard');
    await this.ingress.start();
    this.honest = new WritingNode((samples) => this.writeHonestly(samples));
    this.pushing = new PushingNode((count) => this.pushHonestly(`pushed_total ${count}\n`));
    const arrived = async () => (await this.counted()).length > 0 && (await this.lastPushed()) > 0;
    await eventually('the honest node is in Prometheus', arrived, { seconds: 60 });
    this.pushing.refused.splice(0);
    this.uninterruptedSince = Date.now();
  }

  async destroy(): Promise<void> {
    await this.honest?.stop();
    await this.pushing?.stop();
    await this.cluster.destroy();
  }

  private manifests(): Manifest[] {
    return synthesizeChart((chart) => {
      const store = new Prometheus(chart, 'prometheus', { scrapeInterval: '5s' });
      const ingress = new BasicAuthIngress(chart, 'ingress', {
        name: 'push',
        host: HOST,
        tls: { secretName: 'push-tls' },
        controller: proxy({ namespace: 'ingress-nginx' }),
        groups: GROUPS,
      });
      const groupLimits = Object.fromEntries(GROUPS.map((group) => [group, LIMITS]));
      const gateway = new MetricsGateway(chart, 'gateway', {
        store,
        ingress,
        groupLimits,
        pushPrefix: '/gateway',
      });
      store.addTarget(gateway);
      const pushLimits = Object.fromEntries(GROUPS.map((group) => [group, PUSH_LIMITS]));
      store.addTarget(
        new Pushgateway(chart, 'pushgateway', {
          ingress,
          consistencyCheck: false,
          groupLimits: pushLimits,
          scrapeInterval: '5s',
        }),
      );
      for (const group of GROUPS) {
        const { endpoint } = gateway;
        const credentialsSecretName = `${endpoint.credentialsSecretName}-${group}`;
        registerClientSecretAndExternalSecret(chart, EDGE, { ...endpoint, group, credentialsSecretName });
      }
      this.needed = requiredSecrets(chart.node.root);
    });
  }

  /** Runs the credentials command on the Secrets of the cluster as documented, and applies its output. */
  applyCredentials(args: readonly string[]): void {
    const users = this.cluster.objectsOfKind('Secret').find(({ metadata }) => metadata.name === 'push-users');
    const { code, stdout, stderr } = runCredentials(args, users && JSON.stringify(users), {
      needed: this.needed,
    });
    if (code !== 0) throw new Error(stderr);
    this.cluster.apply(...[...parseSecrets(stdout).values()].map((one) => one as Manifest));
  }

  /** Deletes the data of a group as docs/security.md describes. */
  async forget(group: string): Promise<void> {
    const post = (pod: Pod, container: string, url: string) =>
      pod.container(container).exec('wget', '-qO-', '--post-data=', url);
    // At once, since the test's nodes push every second.
    await sleep(3_000);
    const answers = [
      await post(this.pushgateway, 'push-filter', `http://localhost:9093/forget?seconds=3&group=${group}`),
      ...(await Promise.all(
        this.gateways.flatMap((pod) => [
          post(pod, 'series-limiter', 'http://localhost:8432/forget'),
          post(pod, 'write-filter', 'http://localhost:8431/forget'),
        ]),
      )),
    ];
    for (const { code, stderr } of answers) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }

  credentialsOf(group: string): Credentials {
    return this.cluster.object('Secret', EDGE, `push-credentials-${group}`).stringData;
  }

  private async writeHonestly(samples: readonly Sample[]): Promise<number> {
    const labels = { __name__: 'honest_total', node: 'honest', job: 'counting' };
    const { status } = await this.send('/api/v1/write', {
      method: 'POST',
      body: writeRequest([{ labels, samples }]),
      headers: { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' },
    });
    return status;
  }

  /** Pushes as the honest node. @returns why it was refused; nothing where it was not */
  async pushHonestly(body: string): Promise<string> {
    const answer = await this.send(HONEST_KEY, { method: 'PUT', body });
    return answer.status === 200 || answer.status === 202 ? '' : `${answer.status} ${answer.body}`;
  }

  private send(path: string, options: RequestOptions): Promise<Response> {
    return request(this.edge.namespace, `${URL}${path}`, {
      ...options,
      user: this.credentialsOf('south'),
      address: this.ingress.address,
      authorityFile: this.cluster.authority.file,
    });
  }

  /** Lets a client of the group north write or push, and returns the number of answers by status. */
  async hostile(
    requests: HostileRequests,
    user = this.credentialsOf('north'),
  ): Promise<Record<string, number>> {
    const target = {
      url: URL,
      address: this.ingress.address,
      authorityFile: this.cluster.authority.file,
      auth: `${user.username}:${user.password}`,
    };
    const argument = JSON.stringify({ target, seed: SEED, ...requests });
    const command = [...this.edge.namespace.entry, program('node'), PROGRAM, argument];
    const { code, stdout, stderr } = await tryRun('nsenter', command);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  async query(expression: string): Promise<Series[]> {
    const url = `http://${this.prometheus.address}:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
    return JSON.parse((await request(this.cloud.namespace, url)).body).data.result;
  }

  /** The value of the only series of a query; undefined where there is none. */
  async numberOf(expression: string): Promise<number | undefined> {
    const [series] = await this.query(expression);
    return series && Number(series.value[1]);
  }

  /** Returns the samples of the honest node in Prometheus, with times in seconds, since its start. */
  private async counted(): Promise<readonly (readonly [number, string])[]> {
    const [series] = await this.query('honest_total{node="honest", group="south"}[6h]');
    return series?.values ?? [];
  }

  private async lastPushed(): Promise<number> {
    return (await this.numberOf('pushed_total{node="honest", group="south"}')) ?? 0;
  }

  /** Expects every sample that the honest node has counted until now, and that nothing was killed for memory. */
  async expectNoHarm(): Promise<void> {
    const { count = 0 } = this.honest ?? {};
    const all = Array.from({ length: count }, (_, index) => `${index + 1}`);
    const found = async () =>
      (await this.counted()).map(([, value]) => value).filter((value) => Number(value) <= count);
    await eventually('all samples are there', async () => (await found()).length >= count, {
      seconds: 90,
    }).catch(() => {});
    expect({ seed: SEED, found: await found() }).toEqual({ seed: SEED, found: all });
    await this.expectPushes();
    const containers = [...this.gateways, this.pushgateway, this.prometheus].flatMap((pod) => pod.containers);
    expect({ seed: SEED, kills: containers.map(({ memory }) => memory.kills) }).toEqual({
      seed: SEED,
      kills: containers.map(() => 0),
    });
  }

  /**
   * Expects that each push of the honest node was accepted, and that scrapes found newer ones, since the last
   * interruption.
   */
  private async expectPushes(): Promise<void> {
    const { count = 0, refused = [] } = this.pushing ?? {};
    expect({ seed: SEED, refused }).toEqual({ seed: SEED, refused: [] });
    await eventually('the newest push is in Prometheus', async () => (await this.lastPushed()) >= count);
    const range = `[${Math.max(1, Math.floor((Date.now() - this.uninterruptedSince) / 1_000))}s]`;
    const up = `up{job="pushgateway"}${range}`;
    expect(await this.numberOf(`count_over_time(${up}) - sum_over_time(${up})`)).toBe(0);
    const pushed = `pushed_total{node="honest", group="south"}${range}`;
    // All processes share two cores: occasionally a push takes longer than a scrape interval.
    const missed = `0.8 * (count_over_time(${pushed}) - 1) - changes(${pushed})`;
    expect(await this.numberOf(missed)).toBeLessThanOrEqual(0);
  }

  /** Restarts all cloud components sequentially; pushes are refused meanwhile. */
  async restart(): Promise<void> {
    for (const pod of [...this.gateways, this.pushgateway]) {
      for (const container of pod.containers) await container.restart();
    }
    await this.prometheus.container('prometheus').restart();
    for (const pod of [...this.gateways, this.pushgateway, this.prometheus]) await pod.waitUntilReady();
    const { pushing } = this;
    const restarted = pushing?.count ?? 0;
    await eventually('pushes are read again', async () => (await this.lastPushed()) > restarted);
    pushing?.refused.splice(0);
    this.uninterruptedSince = Date.now();
  }
}
