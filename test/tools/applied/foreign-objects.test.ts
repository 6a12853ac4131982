import { runInNewContext } from 'node:vm';
import { App } from 'cdk8s';
import { CloudChart, EdgeChart, type Settings } from '../../../lib';
import { findCollisionsWithForeignObjects } from '../../../lib/tools/applied/foreign-objects';
import { type ApplyOptions, performApply } from '../../../lib/tools/applied/perform-apply';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { codeBlocks } from '../../support/code-blocks';
import { handMadeManifests } from '../../support/hand-made';
import { KeptCluster } from './kept-cluster';

const renderStack = (settings: Settings) => {
  const app = new App();
  const { sinks: metrics, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics, logs });
  return renderApp(app);
};

/** The settings in docs/migrating-from-yaml.md. Their namespaces, hosts and node label separate the old system from this one. */
const APART: Settings = settingsOf('docs/migrating-from-yaml.md');

function settingsOf(page: string): Settings {
  const block = codeBlocks(page).find(({ code }) => code.includes('namespaces:'));
  const [, literal = ''] = /const settings: Settings = (\{[\s\S]*?\n\});/.exec(block?.code ?? '') ?? [];
  return runInNewContext(`(${literal})`);
}

/** Objects of an environment that uses the default namespaces and hosts, like the old system. */
const TOGETHER: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.edge.example.com', logs: 'logs.edge.example.com' },
};

let cluster: KeptCluster;
let said: string;

beforeEach(() => {
  cluster = new KeptCluster();
  said = '';
  for (const object of handMadeManifests()) cluster.add(object);
});

const applySettings = (settings: Settings, more: Partial<ApplyOptions> = {}) =>
  performApply(
    {
      ...{ environment: 'north', objects: renderStack(settings), onlyNamespaces: false, onlyRecord: false },
      ...{ forceConflicts: false, allowForeign: false, ...more },
    },
    {
      kubectl: cluster.kubectl,
      io: {
        stdout: (text) => {
          said += text;
        },
      },
    },
  );

const collisionMessages = async (settings: Settings) =>
  (await findCollisionsWithForeignObjects(renderStack(settings), cluster.kubectl)).collisions.map(
    ({ message }) => message,
  );

test('with the settings of the page, nothing of the hand-made system is changed or selected', async () => {
  expect(await collisionMessages(APART)).toEqual([]);
  const before = structuredClone([...cluster.objects.entries()]);
  await applySettings(APART);
  expect([...cluster.objects.entries()].slice(0, before.length)).toEqual(before);
  const namespaces = new Set(before.map(([, { metadata }]) => metadata.namespace).filter(Boolean));
  const added = [...cluster.objects.values()].slice(before.length);
  expect(added.filter(({ metadata }) => namespaces.has(metadata.namespace))).toEqual([]);
});

test('in its namespace and with its host, each way of harming it is named, and nothing is applied', async () => {
  await expect(applySettings(TOGETHER)).rejects.toThrow(
    /^nothing was applied, because applying would affect objects that are not part of this stack/,
  );
  expect(cluster.calls.filter((call) => call.startsWith('apply'))).toEqual([]);
  const found = await collisionMessages(TOGETHER);
  expect(found).toEqual(
    expect.arrayContaining([
      'applying would change objects that are not part of this stack: ' +
        'ConfigMap monitoring/prometheus-config, ServiceAccount monitoring/prometheus, Service monitoring/prometheus, ' +
        'StatefulSet monitoring/prometheus, Ingress monitoring/push, Service monitoring/pushgateway',
      'NetworkPolicy monitoring/monitoring-default-deny would select pods that are not part of this stack: ' +
        'Deployment monitoring/pushgateway, StatefulSet monitoring/prometheus, DaemonSet monitoring/edge-node-exporter',
      'Namespace monitoring would enforce the Pod Security level "restricted" on pods that are not part of this stack: ' +
        'Deployment monitoring/pushgateway, StatefulSet monitoring/prometheus, DaemonSet monitoring/edge-node-exporter',
      'NetworkPolicy monitoring/pushgateway, Service monitoring/pushgateway, StatefulSet monitoring/pushgateway ' +
        'would select pods that are not part of this stack: Deployment monitoring/pushgateway',
    ]),
  );
  expect(found).toContainEqual(
    expect.stringContaining(', which is not part of this stack, both serve push.edge.example.com/metrics'),
  );
});

test('an environment with namespaces alone is refused for the host, and told how to go on', async () => {
  const settings = { ...APART, hosts: TOGETHER.hosts };
  await expect(applySettings(settings, { onlyNamespaces: true })).rejects.toThrow(
    'kubectl -n monitoring delete ingress push',
  );
  cluster.objects.delete('ingress monitoring push');
  await applySettings(settings);
});

test('in a namespace that is shared, pods of others are neither selected nor restricted', async () => {
  cluster.objects.clear();
  const labels = { app: 'their-own' };
  cluster.add({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'theirs', namespace: 'monitoring', labels } },
    spec: {},
  });
  expect(await collisionMessages(TOGETHER)).toHaveLength(2);
  expect(await collisionMessages({ ...TOGETHER, sharedNamespaces: true })).toEqual([]);
});

test('applied anyway, and a pod of others that comes later keeps no apply from working', async () => {
  await applySettings(TOGETHER, { allowForeign: true });
  await expect(applySettings(TOGETHER)).resolves.toBeUndefined();
});

test('what cannot be read is said, and keeps no apply from working', async () => {
  const { kubectl } = cluster;
  const refusing = async (...args: readonly string[]) => {
    if (args.includes('--all-namespaces') && args[1]?.startsWith('ingress')) throw new Error('forbidden');
    return kubectl(...args);
  };
  const { readErrors } = await findCollisionsWithForeignObjects(renderStack(APART), refusing);
  expect(readErrors).toEqual(['forbidden']);
  expect(said).toBe('');
});
