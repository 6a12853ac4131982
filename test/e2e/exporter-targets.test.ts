import { App } from 'cdk8s';
import { KubeConfigMap } from 'cdk8s-plus-25/lib/imports/k8s';
import { CloudChart, EdgeChart, EdgeExporter, type Settings } from '../../lib';
import { Cleanup } from '../runtime/cleanup';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { CLOUD, EDGE, folderOf, ReferenceStack } from '../stacks/reference-stack';

const settings: Settings = {
  cluster: 'targets',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  hostProbe: { interval: '2s' },
  pushgateways: { exporters: { scrapeInterval: '1s' } },
  edge: {
    transport: 'remote-write',
    interval: '2s',
    agent: { sending: { batchWait: '1s' }, kubelet: false },
    groups: [{ name: 'pushers', nodeSelector: { pushes: 'yes' }, transport: 'pushgateway' }],
  },
};

const MODULES = { http: { prober: 'http', timeout: '1s' }, port: { prober: 'tcp', timeout: '1s' } };
const PORT = 9115;

/** One that responds, one without a listener, and one that the exporter itself refuses. */
const TARGETS = [
  { instance: 'well', params: { module: 'http', target: `http://127.0.0.1:${PORT}/-/healthy` } },
  { instance: 'closed', params: { module: 'port', target: '127.0.0.1:9' } },
  { instance: 'refused', params: { module: 'none of these', target: '127.0.0.1' } },
];

/** Both ways of metrics, with a blackbox_exporter on each node. */
function synthesis(): App {
  const app = new App();
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
  new KubeConfigMap(edge, 'modules', {
    metadata: { name: 'probes-modules', namespace: EDGE },
    data: { 'blackbox.yml': JSON.stringify({ modules: MODULES }) },
  });
  const pushers = edge.groups.get('pushers');
  if (!pushers) throw new Error('there is no group');
  const probes = {
    image: 'quay.io/prometheus/blackbox-exporter:v0.28.0',
    args: ['--config.file=/etc/blackbox/blackbox.yml', `--web.listen-address=127.0.0.1:${PORT}`],
    port: PORT,
    metricsPath: '/probe',
    targets: TARGETS,
    interval: '2s',
    job: 'probes',
    hostNetwork: true,
    volumes: [{ name: 'modules', configMap: { name: 'probes-modules' } }],
    volumeMounts: [{ name: 'modules', mountPath: '/etc/blackbox', readOnly: true }],
  } as const;
  new EdgeExporter(edge, 'probes', {
    ...probes,
    name: 'probes',
    sink: edge.sink,
    excludedNodes: { pushes: ['yes'] },
  });
  new EdgeExporter(edge, 'probes-pushers', {
    ...probes,
    ...pushers.nodes,
    name: 'probes-pushers',
    sink: pushers.sink,
  });
  return app;
}

describe('an exporter with several targets', () => {
  const cleanup = new Cleanup();
  let stack: ReferenceStack;
  let prometheus: Pod;
  let pusher: Pod;

  beforeAll(async () => {
    stack = await ReferenceStack.create({ dist: folderOf(synthesis(), cleanup) });
    cleanup.add(() => stack.destroy());
    const { cluster, edgeNode } = stack;
    const labels = { ...edgeNode.labels, 'kubernetes.io/hostname': 'edge-2', pushes: 'yes' };
    cluster.addNode({ name: 'edge-2', labels });
    prometheus = await stack.startCloud('prometheus');
    await stack.startCloud('pushgateway');
    await cluster.start('StatefulSet', CLOUD, 'metrics-gateway');
    for (const guard of stack.guards) for (const container of guard.containers) await container.restart();
    await cluster.start('Deployment', CLOUD, 'cloud-host-probe');
    await stack.startEdges('edge-metrics-agent');
    await stack.startEdges('probes');
    [pusher] = (await stack.startEdges('probes-pushers')) as [Pod];
  });

  afterAll(() => cleanup.run());

  /** Returns the values of a metric of a node, by the label `instance`. */
  async function byInstance(metric: string, node: string): Promise<Record<string, number>> {
    const series = await stack.query(prometheus, `${metric}{job="probes", node="${node}"}`);
    return Object.fromEntries(series.map(({ metric: labels, value }) => [labels.instance, Number(value[1])]));
  }

  const becomes = (metric: string, node: string, wanted: Record<string, number>) =>
    eventually(
      `${metric} of ${node} is ${JSON.stringify(wanted)}`,
      async () =>
        JSON.stringify(Object.entries(await byInstance(metric, node)).sort()) ===
        JSON.stringify(Object.entries(wanted).sort()),
      { seconds: 60 },
    );

  test('is read by the agent, each target by its own name', async () => {
    await becomes('probe_success', 'edge-1', { well: 1, closed: 0 });
    await becomes('up', 'edge-1', { well: 1, closed: 1, refused: 0 });
    const [one] = await stack.query(prometheus, 'probe_success{node="edge-1", instance="well"}');
    expect(one?.metric).toMatchObject({ target: 'well', job: 'probes' });
  });

  test('is pushed by the sidecar, each target under a key of its own', async () => {
    await becomes('probe_success', 'edge-2', { well: 1, closed: 0 });
    await becomes('exporter_target_up', 'edge-2', { well: 1, closed: 1, refused: 0 });
    expect(Object.keys(await byInstance('push_time_seconds', 'edge-2')).sort()).toEqual([
      'closed',
      'refused',
      'well',
    ]);
  });

  test('says of each target once how it is', async () => {
    // The sidecar may start before its exporter, and then first says that it cannot scrape the exporter.
    const lines = pusher.container('push').logs.filter((line) => /Z pushing /.test(line));
    expect(lines).toHaveLength(3);
    expect(lines.join('\n')).toMatch(
      /pushing only exporter_target_up 0 to \S+instance\/refused\S* every \d+s, because the exporter responds with an error/,
    );
  });

  test('that ends is no target that is down: its last values stay, and nothing is pushed', async () => {
    const said = pusher.container('push').logs.length;
    await pusher.container('exporter').stop();
    const before = await byInstance('push_time_seconds', 'edge-2');
    await eventually('the sidecar says so', () =>
      pusher
        .container('push')
        .logs.slice(said)
        .join('\n')
        .includes('not pushing: the exporter cannot be scraped'),
    );
    expect(await byInstance('exporter_target_up', 'edge-2')).toMatchObject({ well: 1 });
    expect(Object.keys(before)).toHaveLength(3);
  });

  describe('and public hosts that are probed from the cloud', () => {
    const HOSTS = [
      'logs.example.com/loki/api/v1/push',
      'push.example.com/api/v1/write',
      'push.example.com/metrics/job/host-probe',
    ];

    const probed = async (metric: string): Promise<Record<string, number>> => {
      const series = await stack.query(prometheus, `${metric}{job="cloud-host-probe"}`);
      return Object.fromEntries(
        series.map(({ metric: labels, value }) => [labels.instance ?? '', Number(value[1])]),
      );
    };

    const allBecome = (value: number) =>
      eventually(`probe_success is ${value} of all`, async () => {
        const wanted = Object.fromEntries(HOSTS.map((host) => [host, value]));
        expect(await probed('probe_success')).toEqual(wanted);
        return true;
      });

    test('ask for a password, with a certificate whose end is known', async () => {
      await allBecome(1);
      const ends = await probed('probe_ssl_earliest_cert_expiry');
      expect(Object.keys(ends).sort()).toEqual(HOSTS);
      expect(Math.min(...Object.values(ends))).toBeGreaterThan(Date.now() / 1_000);
    });

    test('fail when the ingress is gone', async () => {
      await stack.ingress.stop();
      await allBecome(0);
    });
  });
});
