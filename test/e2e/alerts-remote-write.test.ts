import { proxy, type Settings, traefikMetrics } from '../../lib';
import { eventually } from '../runtime/wait';
import { CLOUD, fleetDist } from '../stacks/reference-stack';
import { configFile, loadManifests } from '../support/manifests';
import { AlertingStack } from './alerting-stack';

/** Agents send their own metrics once a minute; a batch waits a second. */
const SILENT_AFTER = '121s';

/** The fleet environment, in which a batch, and the pause between two tries, lasts a second. */
const settings: Settings = {
  cluster: 'fleet',
  kubernetesVersion: '1.30',
  hosts: { metrics: 'push.fleet.example.com', logs: 'logs.fleet.example.com' },
  ingress: {
    controller: proxy({ namespace: 'traefik', className: 'traefik' }),
    certificateMetrics: [traefikMetrics()],
  },
  edge: {
    transport: 'remote-write',
    interval: '5s',
    group: 'plants',
    // The nodes here are in none of them.
    groups: [{ name: 'vehicles' }, { name: 'kiosks' }],
    // There is no kubelet to read.
    agent: { kubelet: false, sending: { batchWait: '1s', maxBackoff: '1s' } },
  },
};

describe('alerts about nodes that write remotely, on real servers', () => {
  let alerting: AlertingStack;

  beforeAll(async () => {
    alerting = await AlertingStack.create(settings, SILENT_AFTER);
    const { cluster, guards } = alerting.stack;
    await alerting.startPrometheus();
    await cluster.start('StatefulSet', CLOUD, 'metrics-gateway');
    // A Service leads to both gateways; nginx asks for their addresses when it starts.
    for (const guard of guards) for (const container of guard.containers) await container.restart();
    await alerting.stack.startEdges('edge-node-exporter');
    await alerting.stack.startEdges('edge-metrics-agent');
    await alerting.hearsOfAll(120);
  });

  afterAll(() => alerting?.destroy());

  test('Prometheus has loaded every rule of dist/, with the same figures of who is silent but for its length', async () => {
    await alerting.expectRulesOf(fleetDist());
    const figures = (objects: Parameters<typeof configFile>[0]) =>
      configFile(objects, 'prometheus-rules', 'edge-reachability.yaml');
    const here = figures(alerting.stack.cluster.objectsOfKind('ConfigMap'));
    expect(here).toBe(
      figures(loadManifests(`${fleetDist()}/cloud`)).replaceAll('time() - 300', 'time() - 121'),
    );
  });

  test('a link that breaks is told of as a silent node, which mutes its children, and as over when it is back', async () => {
    const { uplink } = alerting.stack.node('edge-1');
    await alerting.expectToTellOf('edge-1', {
      begin: () => uplink.cut(),
      end: () => uplink.restore(),
      seconds: 180,
    });
  });

  test('what an agent exchanges with the cloud is counted, in both directions', async () => {
    for (const way of ['read', 'written']) {
      const counted = `vmagent_remotewrite_conn_bytes_${way}_total{node!=""} > 0`;
      // A node that sends again may send it with its next batch.
      await eventually(
        `what is ${way} is counted of each node`,
        async () => {
          const nodes = (await alerting.query(counted)).map(({ metric }) => metric.node);
          return nodes.sort().join() === 'edge-1,edge-2,edge-3';
        },
        { seconds: 70 },
      );
    }
  });
});
