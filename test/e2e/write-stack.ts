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
const GROUPS = ['north', 'south'];

/** Of each group: what a flood may come to is known. */
export const LIMITS = { nodes: 20, seriesPerNode: 300, mostSeriesPerNode: 1_000, sharedSeries: 2_000 };

/** `E2E_SEED` repeats a run that failed. */
export const SEED = Number(process.env.E2E_SEED ?? Date.now() % 2 ** 31);

/** A node that writes once a second what it counts, and again what was not taken. */
class HonestNode {
  private running = true;
  private readonly waiting: Sample[] = [];
  private readonly done: Promise<void>;
  /** Number of samples counted until now. */
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

/** Requests of one kind; `seed` makes those of one run differ from those of another. */
export type HostileWrites =
  | { readonly kind: 'flood'; readonly count: number; readonly series: number; readonly seed?: number }
  | { readonly kind: 'generated'; readonly count: number; readonly seed?: number };

/** A gateway before a Prometheus; an honest node of the group south, and hostile clients of the group north. */
export class WriteStack {
  private readonly cluster = new Cluster();
  private readonly cloud: Node;
  private readonly edge: Node;
  private readonly ingress: IngressController;
  private needed: ReturnType<typeof requiredSecrets> = [];
  private honest?: HonestNode;
  prometheus!: Pod;
  gateways!: readonly Pod[];

  static async create(): Promise<WriteStack> {
    const stack = new WriteStack();
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
    await this.cluster.start('Deployment', CLOUD, 'push-guard');
    await this.ingress.start();
    this.honest = new HonestNode((samples) => this.writeHonestly(samples));
    const arrived = async () => (await this.counted()).length > 0;
    await eventually('the honest node is in Prometheus', arrived, { seconds: 60 });
  }

  async destroy(): Promise<void> {
    await this.honest?.stop();
    await this.cluster.destroy();
  }

  private manifests(): Manifest[] {
    return synthesized((chart) => {
      const store = new Prometheus(chart, 'prometheus', { scrapeInterval: '5s' });
      const ingress = new BasicAuthIngress(chart, 'ingress', {
        name: 'push',
        host: HOST,
        tls: { secretName: 'push-tls' },
        controller: proxy({ namespace: 'ingress-nginx' }),
        groups: GROUPS,
      });
      const groupLimits = Object.fromEntries(GROUPS.map((group) => [group, LIMITS]));
      const gateway = new MetricsGateway(chart, 'gateway', { store, ingress, groupLimits });
      store.addTarget(gateway);
      for (const group of GROUPS) {
        const { endpoint } = gateway;
        const credentialsSecretName = `${endpoint.credentialsSecretName}-${group}`;
        requireCredentials(chart, EDGE, { ...endpoint, group, credentialsSecretName });
      }
      this.needed = requiredSecrets(chart.node.root);
    });
  }

  /** Runs the credentials command on what the cluster has, as its documentation says, and applies what it prints. */
  applyCredentials(args: readonly string[]): void {
    const users = this.cluster.all('Secret').find(({ metadata }) => metadata.name === 'push-users');
    const { code, stdout, stderr } = run(args, users && JSON.stringify(users), { needed: this.needed });
    if (code !== 0) throw new Error(stderr);
    this.cluster.apply(...[...secretsIn(stdout).values()].map((one) => one as Manifest));
  }

  credentialsOf(group: string): Credentials {
    const found = this.cluster.object('Secret', EDGE, `push-credentials-${group}`);
    return (found as unknown as { stringData: Credentials }).stringData;
  }

  private async writeHonestly(samples: readonly Sample[]): Promise<number> {
    const labels = { __name__: 'honest_total', node: 'honest', job: 'counting' };
    const { status } = await request(this.edge.namespace, WRITE, {
      method: 'POST',
      body: writeRequest([{ labels, samples }]),
      headers: { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' },
      user: this.credentialsOf('south'),
      address: this.ingress.address,
      authorityFile: this.cluster.authority.file,
    });
    return status;
  }

  /** Lets a client of the group north write, and returns the number of answers by status. */
  async hostile(writes: HostileWrites, user = this.credentialsOf('north')): Promise<Record<string, number>> {
    const target = {
      url: WRITE,
      address: this.ingress.address,
      authorityFile: this.cluster.authority.file,
      auth: `${user.username}:${user.password}`,
    };
    const argument = JSON.stringify({ target, seed: SEED, ...writes });
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

  /** What Prometheus has of the honest node, with its times in seconds, however long it has been running. */
  private async counted(): Promise<readonly (readonly [number, string])[]> {
    const [series] = await this.query('honest_total{node="honest", group="south"}[6h]');
    return (series as unknown as { values?: [number, string][] } | undefined)?.values ?? [];
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
    const containers = [...this.gateways, this.prometheus].flatMap((pod) => pod.containers);
    expect({ seed: SEED, kills: containers.map(({ memory }) => memory.kills) }).toEqual({
      seed: SEED,
      kills: containers.map(() => 0),
    });
  }
}
