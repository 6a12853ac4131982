import { App } from 'cdk8s';
import { CloudChart, prometheus, victoriaMetricsCluster } from '../../../lib';
import { victoriaMetrics as check } from '../../../lib/tools/doctor/victoria-metrics';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { minimalSettings } from '../../support/settings';
import { listOutput, RecordedCluster } from './recorded-cluster';

const GIB = 2 ** 30;

const workload = (replicas: number, readyReplicas: number) =>
  JSON.stringify({ spec: { replicas }, status: { readyReplicas } });

/** The kubelet's answer about a vmstorage pod. */
const summary = (pod: number, free: number) =>
  JSON.stringify({
    pods: [
      {
        volume: [
          {
            pvcRef: { namespace: 'monitoring', name: `data-vmstorage-${pod}` },
            ...{ capacityBytes: 20 * GIB, availableBytes: free * 20 * GIB },
          },
          { pvcRef: { namespace: 'shop', name: 'data-vmstorage-7' }, capacityBytes: 1, availableBytes: 0 },
          { name: 'config' },
        ],
      },
    ],
  });

const WELL = {
  'get statefulset vmstorage --namespace monitoring': workload(3, 3),
  'get deployment vminsert --namespace monitoring': workload(2, 2),
  'get deployment vmselect --namespace monitoring': workload(2, 2),
  'get pods --namespace monitoring --selector app.kubernetes.io/name=vmstorage': listOutput(
    ...[0, 1].map((node) => ({ spec: { nodeName: `cloud-${node}` } })),
  ),
  'get --raw /api/v1/nodes/cloud-0/proxy/stats/summary': summary(0, 0.5),
  'get --raw /api/v1/nodes/cloud-1/proxy/stats/summary': summary(1, 0.4),
};

async function found(answers: Record<string, string> = {}, metricsStore = victoriaMetricsCluster()) {
  const app = new App();
  new CloudChart(app, 'cloud', { settings: { ...minimalSettings, metricsStore } });
  return check.run({
    objects: renderApp(app),
    kubectl: new RecordedCluster({ ...WELL, ...answers }).kubectl,
    // The checks of the cluster ask only kubectl.
    network: undefined as never,
    ...{ prometheus: [], secrets: [], kubernetesMinor: 30 },
  });
}

test('ready pods and free volumes are well', async () => {
  expect(await found()).toEqual([
    { verdict: 'ok', message: '3 pods of vmstorage are ready' },
    { verdict: 'ok', message: '2 pods of vminsert are ready' },
    { verdict: 'ok', message: '2 pods of vmselect are ready' },
    { verdict: 'ok', message: '50 % of the volume data-vmstorage-0 is free' },
    { verdict: 'ok', message: '40 % of the volume data-vmstorage-1 is free' },
  ]);
});

test.each([
  ['statefulset vmstorage', workload(3, 2), 'problem', '2 of 3 pods of vmstorage are ready'],
  ['deployment vminsert', workload(2, 1), 'warning', '1 of 2 pods of vminsert are ready'],
  ['deployment vmselect', workload(2, 0), 'problem', '0 of 2 pods of vmselect are ready'],
])('pods of %s that are not ready have a remedy', async (name, answer, verdict, message) => {
  expect(await found({ [`get ${name} --namespace monitoring`]: answer })).toContainEqual({
    ...{ verdict, message },
    remedy: expect.stringMatching(/^kubectl -n monitoring describe pods .*VictoriaMetricsDown\.md$/),
  });
});

test.each([
  [0.15, 'warning', '15 % of the volume data-vmstorage-0 is free'],
  [
    0.04,
    'problem',
    '4 % of the volume data-vmstorage-0 is free: vmstorage accepts no samples if less than 5 % is free',
  ],
])('a volume of which %s is free has a remedy', async (free, verdict, message) => {
  const answers = { 'get --raw /api/v1/nodes/cloud-0/proxy/stats/summary': summary(0, free) };
  expect(await found(answers)).toContainEqual({
    ...{ verdict, message },
    remedy: expect.stringContaining('increase storage or storageNodes of victoriaMetricsCluster()'),
  });
});

test('before it is applied, and with another store, there is nothing to find', async () => {
  const none = Object.fromEntries(Object.keys(WELL).map((call) => [call, '']));
  expect(await found(none)).toEqual([]);
  expect(await found({}, prometheus())).toEqual([]);
});
