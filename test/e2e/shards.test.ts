import { BasicAuthIngress, EdgeNodeExporter, Prometheus, Pushgateway, shardOf } from '../../lib';
import { Cluster } from '../runtime/cluster';
import { request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { type Credentials, htpasswd, secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { CLOUD, EDGE, EDGE_NODE_LABELS } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const HOST = 'push.example.com';
const USER: Credentials = { username: 'edge', password: 'correct-horse-battery-staple' };
const NODES = ['edge-1', 'edge-2', 'edge-3', 'edge-4'];

/** How many shards there were, and how many there are to be. */
const [BEFORE, AFTER] = [3, 2];

describe('a fleet whose number of shards is changed', () => {
  const cluster = new Cluster();
  const shards = new Map<string, Pod>();
  let cloud: Node;
  let prometheus: Pod;
  let reaper: Pod;
  let exporters: Pod[];

  beforeAll(async () => {
    cloud = cluster.addNode({ name: 'cloud-1' });
    for (const name of NODES) cluster.addNode({ name, labels: EDGE_NODE_LABELS });
    cluster.apply(...objects({ shards: BEFORE }));
    cluster.apply(
      secret(CLOUD, 'push-tls', { ...cluster.authority.issue(HOST) }),
      secret(CLOUD, 'push-users', { auth: htpasswd(USER) }),
      secret(EDGE, 'push-credentials', { ...USER }),
    );
    for (const { metadata } of shardsOf(cluster.objectsOfKind('StatefulSet'))) {
      const [pod] = await cluster.start('StatefulSet', CLOUD, metadata.name);
      shards.set(metadata.name, pod as Pod);
    }
    await cluster.start('Deployment', CLOUD, 'push-guard');
    await new IngressController(cluster, cluster.addNode({ name: 'ingress' })).start();
    [reaper] = (await cluster.start('Deployment', CLOUD, 'pushgateway-reaper')) as [Pod];
    [prometheus] = (await cluster.start('StatefulSet', CLOUD, 'prometheus')) as [Pod];
    exporters = await cluster.start('DaemonSet', EDGE, 'edge-node-exporter');
  });

  afterAll(() => cluster.destroy());

  /** Nodes of each shard, by its number. */
  async function holders(): Promise<Record<string, number[]>> {
    const found: Record<string, number[]> = Object.fromEntries(NODES.map((node) => [node, []]));
    for (const [index, pod] of [...shards.values()].entries()) {
      const path = index === 0 ? '/metrics' : `/shard-${index}/metrics`;
      const { body } = await request(cloud.namespace, `http://${pod.address}:9091${path}`);
      for (const [, node = ''] of body.matchAll(/^push_time_seconds\{.*hostname="([^"]+)"/gm)) {
        found[node]?.push(index);
      }
    }
    return found;
  }

  /** Compares two readings, because a node may move while the shards are read sequentially. */
  async function mostShardsOfANode(): Promise<number> {
    const [one, other] = [await holders(), await holders()];
    return Math.max(...NODES.map((node) => Math.min(one[node]?.length ?? 0, other[node]?.length ?? 0)));
  }

  const expected = (count: number) => Object.fromEntries(NODES.map((node) => [node, [shardOf(node, count)]]));

  async function query(expression: string) {
    const url = `http://${prometheus.address}:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
    return JSON.parse((await request(cloud.namespace, url)).body).data.result;
  }

  test('keeps each node in the one shard that its name says', async () => {
    expect(new Set(NODES.map((node) => shardOf(node, BEFORE))).size).toBe(BEFORE);
    await eventually(
      'all have pushed',
      async () => Object.values(await holders()).flat().length >= NODES.length,
    );
    expect(await holders()).toEqual(expected(BEFORE));
    await eventually(
      'Prometheus has all',
      async () => (await query('node_uname_info')).length === NODES.length,
    );
  });

  test('never has a node in two shards, and loses none that has not rolled yet', async () => {
    cluster.apply(...objects({ shards: AFTER, formerShards: BEFORE }));
    const moving = exporters.filter(({ node }) => node.name !== 'edge-1');
    const movers = NODES.slice(1).filter((node) => shardOf(node, BEFORE) !== shardOf(node, AFTER));
    expect(movers.length).toBeGreaterThan(0);
    const seen: number[] = [];
    const watching = setInterval(async () => seen.push(await mostShardsOfANode()), 250);
    try {
      await cluster.remove(...moving);
      await cluster.start(
        'DaemonSet',
        EDGE,
        'edge-node-exporter',
        moving.map(({ node }) => node),
      );
      await eventually('those that rolled are where they belong', async () => {
        const [now, wanted] = [await holders(), expected(AFTER)];
        return NODES.slice(1).every((node) => now[node]?.join() === wanted[node]?.join());
      });
    } finally {
      clearInterval(watching);
    }
    expect(Math.max(...seen)).toBe(1);
    expect((await holders())['edge-1']).toEqual(expected(BEFORE)['edge-1']);
    const silent = `time() - push_time_seconds{hostname="edge-1"} > 10`;
    expect(await query(silent)).toEqual([]);
  });

  test('leaves what others left behind to the reaper', async () => {
    const group = '/metrics/job/service/instance/i/hostname/edge-2';
    const put = async (index: number) => {
      const [, pod] = [...shards][index] ?? [];
      const prefix = index === 0 ? '' : `/shard-${index}`;
      await request(cloud.namespace, `http://${pod?.address}:9091${prefix}${group}`, {
        method: 'PUT',
        body: 'left 1\n',
      });
    };
    const left = () => query('left');
    await put(1);
    const pushing = setInterval(() => void put(0), 1_000);
    try {
      await eventually(
        () => `one is left; the reaper said: ${reaper.container('pushgateway-reaper').logs.join('\n')}`,
        async () => (await left()).length === 1 && (await left())[0].metric.job === 'service',
        { seconds: 90 },
      );
      await eventually(
        'the copy is deleted',
        () =>
          reaper
            .container('pushgateway-reaper')
            .logs.some((line) => /deleted \{.*job="service"\}/.test(line)),
        { seconds: 90 },
      );
    } finally {
      clearInterval(pushing);
    }
  });
});

const shardsOf = (statefulSets: readonly Manifest[]): Manifest[] =>
  statefulSets
    .filter(({ metadata }) => metadata.name.startsWith('pushgateway'))
    .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));

function objects(count: { shards: number; formerShards?: number }): Manifest[] {
  return synthesizeChart((chart) => {
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      name: 'push',
      host: HOST,
      tls: { secretName: 'push-tls' },
    });
    const sink = new Pushgateway(chart, 'pushgateway', {
      ...count,
      ingress,
      consistencyCheck: false,
      scrapeInterval: '1s',
      reaper: { interval: '1s' },
    });
    new Prometheus(chart, 'prometheus').addTarget(sink);
    new EdgeNodeExporter(chart, 'edge', { sink, interval: '1s' });
  });
}
