import { App } from 'cdk8s';
import { CloudChart, prometheusOperator } from '../../../lib';
import {
  formatPrometheusSetupInstructions,
  requiredPrometheusObjectsOfApp,
} from '../../../lib/core/required-prometheus';
import { prometheusOperator as check } from '../../../lib/tools/doctor/prometheus-operator';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { minimalSettings } from '../../support/settings';
import { listOutput, RecordedCluster } from './recorded-cluster';

const app = new App();
const metricsStore = prometheusOperator({
  namespace: 'kps',
  labels: { release: 'kps' },
  outOfOrderWindow: '1h',
});
new CloudChart(app, 'cloud', {
  settings: { ...minimalSettings, edge: { transport: 'remote-write' }, metricsStore },
});

const NAME = 'kps-kube-prometheus-stack-prometheus';
const OBJECT = `get prometheuses.monitoring.coreos.com ${NAME} --namespace kps`;
const DEFINITION = 'get customresourcedefinitions scrapeconfigs.monitoring.coreos.com';

const SPEC = {
  enableRemoteWriteReceiver: true,
  replicas: 1,
  routePrefix: '/',
  tsdb: { outOfOrderTimeWindow: '1h10m' },
  scrapeConfigSelector: { matchLabels: { release: 'kps' } },
  scrapeConfigNamespaceSelector: {},
  ruleSelector: { matchExpressions: [{ key: 'release', operator: 'In', values: ['kps', 'other'] }] },
  ruleNamespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
};

/** Returns the findings for a Prometheus object with these fields, and these responses of the cluster. */
async function runOperatorCheck(spec: object = {}, answers: Record<string, string> = {}) {
  const cluster = new RecordedCluster({
    ...answers,
    [OBJECT]: answers[OBJECT] ?? JSON.stringify({ metadata: { name: NAME }, spec: { ...SPEC, ...spec } }),
    'get customresourcedefinitions': JSON.stringify({ metadata: { name: 'crd' } }),
    'get namespace monitoring': JSON.stringify({ metadata: { labels: { team: 'edge' } } }),
  });
  return check.run({
    objects: renderApp(app),
    prometheus: requiredPrometheusObjectsOfApp(app),
    ...{ secrets: [], kubernetesMinor: 30, kubectl: cluster.kubectl, network: undefined as never },
  });
}

test('an object as the instructions say is well', async () => {
  expect(await runOperatorCheck()).toEqual([
    {
      verdict: 'ok',
      message: `kps/${NAME} accepts the samples of the gateway, and selects the objects of this stack`,
    },
  ]);
  const [required] = requiredPrometheusObjectsOfApp(app);
  expect(required && formatPrometheusSetupInstructions(required)).toContain('outOfOrderTimeWindow: 4200s');
});

test.each<[object, string, string]>([
  [
    { enableRemoteWriteReceiver: undefined },
    'does not accept remote write',
    'enableRemoteWriteReceiver: true',
  ],
  [{ tsdb: undefined }, 'has the out-of-order window 0s', 'tsdb.outOfOrderTimeWindow to 4200s'],
  [{ tsdb: { outOfOrderTimeWindow: '69m' } }, 'has the out-of-order window 69m', '4200s'],
  [{ replicas: 2 }, 'has 2 replicas, but the gateway writes to 1', 'prometheus.replicas'],
  [{ shards: 2 }, 'has 2 shards', 'shards: 1'],
  [{ routePrefix: '/prometheus' }, 'has a route prefix', 'routePrefix'],
  [{ web: { tlsConfig: {} } }, 'serves HTTPS', 'web.tlsConfig'],
  [{ scrapeConfigSelector: { matchLabels: { release: 'a' } } }, 'selects no ScrapeConfig', 'labels of'],
  [{ ruleSelector: undefined }, 'selects no PrometheusRule of this stack: ruleSelector is null', 'labels of'],
  [
    { ruleSelector: { matchExpressions: [{ key: 'release', operator: 'DoesNotExist' }] } },
    'no PrometheusRule',
    '',
  ],
  [
    { scrapeConfigNamespaceSelector: undefined },
    'selects no ScrapeConfig in the namespace monitoring',
    'set scrapeConfigNamespaceSelector in the spec of the Prometheus object to {}',
  ],
  [{ ruleNamespaceSelector: { matchLabels: { team: 'cloud' } } }, 'in the namespace monitoring', ''],
])('%j is one problem with a remedy', async (spec, message, remedy) => {
  expect(await runOperatorCheck(spec)).toEqual([
    {
      verdict: 'problem',
      message: expect.stringContaining(message),
      remedy: expect.stringContaining(remedy),
    },
  ]);
});

test('a CRD, or an object, that is missing is named', async () => {
  expect(await runOperatorCheck({}, { [DEFINITION]: '' })).toEqual([
    expect.objectContaining({ message: 'the CRD scrapeconfigs.monitoring.coreos.com does not exist' }),
  ]);
  const others = listOutput({ metadata: { namespace: 'kps', name: 'main' } });
  const answers = { [OBJECT]: '', 'get prometheuses.monitoring.coreos.com --all-namespaces': others };
  expect(await runOperatorCheck({}, answers)).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('does not exist; existing objects: kps/main'),
    }),
  ]);
});
