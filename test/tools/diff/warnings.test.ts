import {
  CloudChart,
  type MetricsStoreType,
  prometheus,
  prometheusOperator,
  remoteStore,
  victoriaMetricsCluster,
} from '../../../lib';
import { compareManifests } from '../../../lib/tools/diff/compare';
import { fieldChanges } from '../../../lib/tools/diff/field-changes';
import { type Manifest, warningsForChange } from '../../../lib/tools/diff/warnings';
import { renderEnvironments } from '../../../lib/tools/synthesis/synthesize';
import { minimalSettings } from '../../support/settings';

const createObject = (kind: string, fields: object): Manifest => ({
  ...{ apiVersion: 'apps/v1', kind, metadata: { name: 'a', namespace: 'b' } },
  ...fields,
});

const warningsOf = (kind: string, before: object, after: object) =>
  warningsForChange(
    createObject(kind, before),
    createObject(kind, after),
    fieldChanges(createObject(kind, before), createObject(kind, after)),
  );

const podTemplate = (annotation: string, image = '1') => ({
  spec: {
    template: {
      metadata: { annotations: { 'checksum/config': annotation } },
      spec: { containers: [{ name: 'a', image }] },
    },
  },
});

test.each<[string, string, object, object, string]>([
  [
    'selector',
    'Deployment',
    { spec: { selector: { matchLabels: { a: '1' } } } },
    { spec: { selector: { matchLabels: { a: '2' } } } },
    'spec.selector.matchLabels.a is immutable: delete the Deployment with kubectl delete --cascade=orphan, which keeps its pods, then apply the manifest',
  ],
  [
    'claim',
    'StatefulSet',
    { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { size: '1Gi' } }] } },
    { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { size: '2Gi' } }] } },
    'spec.volumeClaimTemplates[data].spec.size is immutable: delete the StatefulSet with kubectl delete --cascade=orphan, which keeps its pods, then apply the manifest',
  ],
  [
    'Service of a StatefulSet',
    'StatefulSet',
    { spec: { serviceName: 'a' } },
    { spec: { serviceName: 'b' } },
    'spec.serviceName is immutable: ',
  ],
  [
    'role',
    'RoleBinding',
    { roleRef: { name: 'a' } },
    { roleRef: { name: 'b' } },
    'roleRef.name is immutable: delete the RoleBinding, then apply the manifest',
  ],
  ['address', 'Service', { spec: { clusterIP: 'None' } }, { spec: {} }, 'spec.clusterIP is immutable: '],
])('a %s that Kubernetes refuses to change is warned of', (_, kind, before, after, warning) => {
  expect(warningsOf(kind, before, after)).toContainEqual(expect.stringContaining(warning));
});

test.each<[string, object, object]>([
  ['StatefulSet', { spec: { replicas: 1 } }, { spec: { replicas: 2 } }],
  ['StatefulSet', { spec: { updateStrategy: { type: 'OnDelete' } } }, { spec: {} }],
  ['Deployment', podTemplate('1'), podTemplate('2')],
  ['Service', { spec: { selector: { a: '1' } } }, { spec: { selector: { a: '2' } } }],
  ['ConfigMap', { data: { a: '1' } }, { data: { a: '2' } }],
])('what a %s may change, and costs nothing, is not warned of', (kind, before, after) => {
  expect(warningsOf(kind, before, after)).toEqual([]);
});

test('pods that keep data and are restarted are warned of, with the reason', () => {
  expect(warningsOf('StatefulSet', podTemplate('1'), podTemplate('2'))).toEqual([
    'the change restarts the pods of this StatefulSet, which have volumes (its configuration changed)',
  ]);
  expect(warningsOf('StatefulSet', podTemplate('1'), podTemplate('2', '2'))).toEqual([
    'the change restarts the pods of this StatefulSet, which have volumes',
  ]);
});

test('an edge that takes nothing by itself is told of', () => {
  const onDelete = (annotation: string) => ({
    spec: { ...podTemplate(annotation).spec, updateStrategy: { type: 'OnDelete' } },
  });
  expect(warningsOf('DaemonSet', onDelete('1'), onDelete('2'))).toEqual([
    'the change takes effect on a node only when the pod is deleted, for example by the command "rollout" (its configuration changed)',
  ]);
});

test('an object that becomes another one is warned of', () => {
  const metadata = { metadata: { name: 'a', namespace: 'other' } };
  expect(warningsOf('ConfigMap', {}, metadata)).toEqual([
    'metadata.namespace changes: the command "apply" creates a new object, and the old object remains until "prune" deletes it',
  ]);
});

test.each([
  ['Namespace', 'deleting this namespace deletes all objects in it'],
  ['StatefulSet', 'its volumes are kept until you delete the PersistentVolumeClaims'],
  ['PersistentVolumeClaim', 'deletes its data'],
])('a %s that is removed says what is lost', (kind, warning) => {
  expect(warningsForChange(createObject(kind, {}), undefined, [])).toEqual([
    expect.stringContaining(warning),
  ]);
});

test('a status in a claim of a StatefulSet, which the API server fills in, is no change of the claim', () => {
  const claim = { metadata: { name: 'data' }, spec: { size: '1Gi' } };
  const before = { spec: { volumeClaimTemplates: [claim] } };
  const after = { spec: { volumeClaimTemplates: [{ ...claim, status: { phase: 'Pending' } }] } };
  expect(warningsOf('StatefulSet', before, after)).toEqual([]);
});

describe('a DaemonSet whose pods are replaced by hand', () => {
  const updateStrategy = { type: 'OnDelete' };
  const pod = (fields: object) => ({ spec: { updateStrategy, template: { spec: fields } } });

  test.each<[string, object, object]>([
    ['affinity', { affinity: { nodeAffinity: { a: 1 } } }, { affinity: { nodeAffinity: { a: 2 } } }],
    ['nodeSelector', { nodeSelector: { site: 'a' } }, { nodeSelector: { site: 'b' } }],
    ['tolerations', { tolerations: [{ key: 'a' }] }, {}],
  ])('moves its pods at once when its %s changes', (_, before, after) => {
    expect(warningsOf('DaemonSet', pod(before), pod(after))).toEqual([
      expect.stringMatching(
        /^the selection of nodes changes as soon as the manifest is applied, not in steps: /,
      ),
    ]);
  });

  test('keeps pods that are still selected until they are deleted', () => {
    const [one, other] = [
      pod({ nodeSelector: { a: '1' }, hostPID: true }),
      pod({ nodeSelector: { a: '2' } }),
    ];
    expect(warningsOf('DaemonSet', one, other)).toEqual([
      expect.stringMatching(/^the selection of nodes changes as soon as/),
      'the change takes effect on a node only when the pod is deleted, for example by the command "rollout"',
    ]);
  });
});

describe('a change of the store of metrics', () => {
  const MIMIR = {
    write: { url: 'https://mimir.example.com/api/v1/push' },
    query: { url: 'https://mimir.example.com/prometheus' },
  };
  const STORES: Readonly<Record<string, MetricsStoreType>> = {
    one: prometheus({ replicas: 1 }),
    two: prometheus({ replicas: 2 }),
    cluster: victoriaMetricsCluster(),
    remote: remoteStore(MIMIR),
    operator: prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } }),
  };
  const render = (metricsStore?: MetricsStoreType) =>
    renderEnvironments({
      north: (app) => {
        const settings = { ...minimalSettings, edge: { transport: 'remote-write' }, metricsStore } as const;
        new CloudChart(app, 'cloud', { settings });
      },
    });
  const rendered = Object.fromEntries(Object.entries(STORES).map(([name, store]) => [name, render(store)]));
  const filesOf = (environments: ReturnType<typeof render>) =>
    new Map(
      environments.flatMap(({ name, objects }) =>
        objects.map(({ chart, file, yaml }) => [`${name}/${chart}/${file}`, yaml] as const),
      ),
    );
  /** Warnings about queues and volumes, by workload. */
  const warningsOf = (from: string, to: string): string[] =>
    compareManifests(rendered[to] ?? [], filesOf(rendered[from] ?? [])).flatMap(({ object: one, warnings }) =>
      warnings
        .filter((text) => /samples in the queue|volumes are kept/.test(text))
        .map(
          (text) =>
            `${one.metadata.name}: ${/samples in the queue for \S+|volumes are kept/.exec(text)?.[0]}`,
        ),
    );

  const FILTER = 'samples in the queue for http://127.0.0.1:8430/api/v1/write';
  const INSERT =
    'samples in the queue for http://vminsert.monitoring.svc:8480/insert/0/prometheus/api/v1/write';
  const PUSH = `samples in the queue for ${MIMIR.write.url}`;
  const KEPT = 'volumes are kept';
  const GRAFANA = [`alertmanager: ${KEPT}`, `grafana: ${KEPT}`];

  test.each<[string, string, string[]]>([
    ['one', 'two', []],
    [
      'two',
      'one',
      ['metrics-gateway: samples in the queue for http://127.0.0.1:8433/api/v1/write', `prometheus: ${KEPT}`],
    ],
    ['one', 'cluster', [`metrics-gateway: ${FILTER}`, `prometheus: ${KEPT}`]],
    ['one', 'remote', [`metrics-gateway: ${FILTER}`, `prometheus: ${KEPT}`]],
    ['one', 'operator', [...GRAFANA, `prometheus: ${KEPT}`]],
    ['cluster', 'one', [`metrics-gateway: ${INSERT}`, `metrics-scraper: ${KEPT}`, `vmstorage: ${KEPT}`]],
    ['cluster', 'remote', [`metrics-gateway: ${INSERT}`, `metrics-scraper: ${INSERT}`, `vmstorage: ${KEPT}`]],
    ['remote', 'cluster', [`metrics-gateway: ${PUSH}`, `metrics-scraper: ${PUSH}`]],
    ['remote', 'one', [`metrics-gateway: ${PUSH}`, `metrics-scraper: ${KEPT}`]],
    ['remote', 'operator', [...GRAFANA, `metrics-gateway: ${PUSH}`, `metrics-scraper: ${KEPT}`]],
    ['operator', 'cluster', [`metrics-gateway: ${FILTER}`]],
  ])('from %s to %s warns about the queues and volumes that are left behind', (from, to, expected) => {
    expect(warningsOf(from, to).sort()).toEqual([...expected].sort());
  });
});
