import { App } from 'cdk8s';
import { parse } from 'yaml';
import {
  CloudChart,
  type PrometheusOperatorOptions,
  prometheusOperator,
  type Settings,
  webhook,
} from '../../lib';
import { Schemas } from '../fuzz/schemas';
import { configFile, containersOf, findOnly, type Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage } from '../support/synthesize';

const STACK: PrometheusOperatorOptions = {
  namespace: 'kps',
  labels: { release: 'kube-prometheus-stack' },
};

const chartOf = (more: Partial<Settings>): CloudChart =>
  new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, ...more } });

const cloud = (options: Partial<PrometheusOperatorOptions> = {}, more: Partial<Settings> = {}): Manifest[] =>
  chartOf({
    edge: { transport: 'remote-write' },
    metricsStore: prometheusOperator({ ...STACK, ...options }),
    ...more,
  }).toJson();

const all = (objects: readonly Manifest[], kind: string) => objects.filter((object) => object.kind === kind);

const POD = 'prometheus-kube-prometheus-stack-prometheus';

test('no Prometheus, Alertmanager or Grafana of this stack runs', () => {
  const names = cloud()
    .filter(({ kind }) => /Deployment|StatefulSet|Service$|NetworkPolicy/.test(kind))
    .map(({ metadata }) => metadata.name);
  expect(names).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(prometheus|alertmanager|grafana)/)]),
  );
  expect(names).toContain('loki');
});

test('every job that a Prometheus of this stack has is a ScrapeConfig, which the selectors match', () => {
  const ours = chartOf({ edge: { transport: 'remote-write' } }).toJson();
  const jobs: { job_name: string }[] = parse(
    configFile(ours, 'prometheus-config', 'prometheus.yaml'),
  ).scrape_configs;
  const monitors = all(cloud(), 'ScrapeConfig');
  const names = monitors.map(({ spec }) => spec.jobName).sort();
  const wanted = jobs.map(({ job_name }) => job_name).filter((job) => !/^(grafana|alertmanager)$/.test(job));
  expect(names).toEqual(wanted.sort());
  for (const { metadata } of [...monitors, ...all(cloud(), 'PrometheusRule')]) {
    expect(metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
  }
});

test('the relabeling is whole, and the token of kubelets is from a Secret that Kubernetes fills', () => {
  const objects = cloud();
  const { spec } = findOnly(objects, 'ScrapeConfig', 'edge-observability-kubelet');
  expect(spec).toMatchObject({
    scheme: 'HTTPS',
    kubernetesSDConfigs: [{ role: 'Node' }],
    authorization: { type: 'Bearer', credentials: { name: 'metrics-store-token', key: 'token' } },
    tlsConfig: { ca: { secret: { name: 'metrics-store-token', key: 'ca.crt' } }, insecureSkipVerify: true },
    relabelings: [
      { action: 'drop', regex: 'true' },
      { sourceLabels: ['__meta_kubernetes_node_name'], targetLabel: 'node' },
      { targetLabel: 'cluster', replacement: 'least' },
    ],
  });
  const { kubernetesSDConfigs } = findOnly(objects, 'ScrapeConfig', 'edge-observability-apiserver').spec;
  expect(kubernetesSDConfigs).toEqual([{ role: 'EndpointSlice', namespaces: { names: ['default'] } }]);
  const secret = findOnly(objects, 'Secret', 'metrics-store-token');
  expect(secret).toMatchObject({ type: 'kubernetes.io/service-account-token' });
  expect(secret.data ?? secret.stringData).toBeUndefined();
  const { subjects } = findOnly(objects, 'ClusterRoleBinding', 'monitoring-metrics-store');
  expect(subjects).toEqual([
    { kind: 'ServiceAccount', name: 'metrics-store', namespace: 'monitoring' },
    { kind: 'ServiceAccount', name: 'kube-prometheus-stack-prometheus', namespace: 'kps' },
  ]);
});

test('each of two replicas reads its own filter, and knows the queue of the other', () => {
  const objects = cloud({ prometheus: { replicas: 2 } });
  const gateways = all(objects, 'ScrapeConfig').filter(({ metadata }) =>
    /-gateway(-filter)?-\d$/.test(metadata.name),
  );
  const shown = gateways.map(({ spec: { jobName, relabelings, metricRelabelings, staticConfigs } }) => ({
    jobName,
    pod: relabelings[1].regex,
    port: staticConfigs[0].targets[0].split(':')[1],
    marked: metricRelabelings[0].regex,
  }));
  expect(shown).toEqual([
    { jobName: 'metrics-gateway', pod: `${POD}-0`, port: '8429', marked: '(2):.*' },
    { jobName: 'metrics-gateway', pod: `${POD}-1`, port: '8429', marked: '(1):.*' },
    { jobName: 'metrics-gateway-filter', pod: `${POD}-0`, port: '8431', marked: undefined },
    { jobName: 'metrics-gateway-filter', pod: `${POD}-1`, port: '8434', marked: undefined },
  ]);
  expect(gateways[0]?.spec.relabelings[0]).toEqual({ targetLabel: '__tmp_pod', replacement: '$(POD_NAME)' });
  const urls = JSON.stringify(containersOf(findOnly(objects, 'StatefulSet', 'metrics-gateway')));
  for (const ordinal of [0, 1]) {
    expect(urls).toContain(`http://${POD}-${ordinal}.prometheus-operated.kps.svc:9090/api/v1/write`);
  }
});

test('rules read only series of the cluster, at the interval of this stack', () => {
  const groups = all(cloud({ scrapeInterval: '15s' }), 'PrometheusRule').flatMap(({ spec }) => spec.groups);
  const rules: { expr: string; labels?: Record<string, string> }[] = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(80);
  const isScoped = ({ expr, labels }: (typeof rules)[number]) =>
    labels?.cluster === 'least' || expr.includes('cluster="least"');
  expect(rules.filter((rule) => !isScoped(rule))).toEqual([]);
  expect(groups.filter(({ interval }) => interval === undefined)).toEqual([]);
  const alerts = groups.flatMap(({ rules }) => rules.flatMap(({ alert }: { alert?: string }) => alert ?? []));
  expect(alerts).toContain('MetricsStoreTargetsMissing');
  const ownAlerts = alerts.filter((alert) =>
    /^(Watchdog|TargetDown|Prometheus|Alertmanager|Grafana)/.test(alert),
  );
  expect(ownAlerts).toEqual([]);
});

test('its Prometheus may scrape the stack, and its Grafana may query Loki', () => {
  const objects = cloud();
  const from = (name: string) => JSON.stringify(findOnly(objects, 'NetworkPolicy', name).spec.ingress);
  const pods = (namespace: string, labels: object) =>
    JSON.stringify({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      podSelector: { matchLabels: labels },
    });
  const prometheus = pods('kps', {
    'app.kubernetes.io/instance': 'kube-prometheus-stack-prometheus',
    'app.kubernetes.io/name': 'prometheus',
  });
  for (const name of ['loki', 'metrics-gateway', 'kube-state-metrics'])
    expect(from(name)).toContain(prometheus);
  expect(from('loki')).toContain(pods('kps', { 'app.kubernetes.io/name': 'grafana' }));
});

test('Grafana loads the dashboards and Loki from labeled ConfigMaps, and has a data source of Prometheus', () => {
  const maps = all(cloud({ grafana: { namespace: 'grafana', metricsUid: 'thanos' } }), 'ConfigMap');
  const labeled = (label: string) => maps.filter(({ metadata }) => metadata.labels?.[label] === '1');
  expect(labeled('grafana_dashboard').length).toBeGreaterThan(5);
  const panels = JSON.stringify(labeled('grafana_dashboard'));
  expect(panels).toContain('\\"uid\\": \\"thanos\\"');
  const [loki, ...others] = labeled('grafana_datasource');
  expect(others).toEqual([]);
  expect(parse(String(Object.values(loki?.data ?? {})[0])).datasources).toMatchObject([
    { uid: 'loki', url: 'http://loki.monitoring.svc:3100', isDefault: false },
  ]);
});

test("Loki's ruler notifies the Alertmanager of the operator, and the values have what to set", () => {
  const objects = cloud({ alertmanager: { replicas: 2 }, outOfOrderWindow: '4h' });
  const { ruler } = parse(configFile(objects, 'loki-config', 'loki.yaml'));
  const address = (ordinal: number) =>
    `http://alertmanager-kube-prometheus-stack-alertmanager-${ordinal}.alertmanager-operated.kps.svc:9093`;
  expect(ruler.alertmanager_url).toBe([0, 1].map(address).join(','));
  const { prometheus, alertmanager } = parse(configFile(objects, 'metrics-store-values', 'values.yaml'));
  expect(prometheus.prometheusSpec).toEqual({
    enableRemoteWriteReceiver: true,
    replicas: 1,
    tsdb: { outOfOrderTimeWindow: '15000s' },
  });
  expect(alertmanager.config.inhibit_rules.length).toBeGreaterThan(5);
});

test('objects are named as the chart names them for a release of any length', () => {
  const write = (release: string) =>
    JSON.stringify(containersOf(findOnly(cloud({ labels: { release } }), 'StatefulSet', 'metrics-gateway')));
  expect(write('prometheus')).toContain(
    'prometheus-prometheus-kube-prometheus-prometheus-0.prometheus-operated',
  );
  expect(write('my-kube-prometheus-stack')).toContain('prometheus-my-kube-prometheus-stack-prometheus-0.');
});

test('all of it is as the API of the operator allows', () => {
  const schemas = new Schemas();
  const objects = [...cloud({ prometheus: { replicas: 2 } }), ...cloud({}, { edge: {} })].filter(
    ({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'),
  );
  expect(objects.length).toBeGreaterThan(40);
  expect(objects.flatMap((object) => schemas.problem(object, 36) ?? [])).toEqual([]);
});

test('an outage that is longer than the window of the Prometheus object is refused', () => {
  expect(refusalMessage(() => cloud({}, { longestOutage: '3h' }))).toContain(
    'increase outOfOrderWindow of prometheusOperator() to at least longestOutage',
  );
  expect(() => cloud({ outOfOrderWindow: '3h' }, { longestOutage: '3h' })).not.toThrow();
});

test.each<[string, Partial<Settings>]>([
  ['retention.metrics', { retention: { metrics: '30d' } }],
  ['retention.outOfOrderWindow', { retention: { outOfOrderWindow: '4h' } }],
  ['storage.prometheus', { storage: { prometheus: '20Gi' } }],
  ['storage.alertmanager', { storage: { alertmanager: '1Gi' } }],
  ['storage.grafana', { storage: { grafana: '1Gi' } }],
  ['hosts.grafana', { hosts: { ...minimalSettings.hosts, grafana: 'grafana.example.com' } }],
  ['grafana', { grafana: { folder: 'Edge' } }],
  ['receivers', { receivers: [webhook({ name: 'ops', secretKey: 'url' })], secrets: { receivers: 'files' } }],
  ['secrets.receivers', { secrets: { receivers: 'files' } }],
])('%s is refused: it is set where the operator runs', (path, more) => {
  expect(refusalMessage(() => cloud({}, more))).toContain(
    `settings.${path} has no effect with this metricsStore`,
  );
});

test('receivers that would be refused by themselves are one error', () => {
  // The type requires a receiver, but settings in JavaScript may have none.
  expect(refusalMessage(() => cloud({}, { receivers: [] as never }))).toBe(
    'cloud: settings.receivers has no effect with this metricsStore: remove this setting; configure your Alertmanager instead',
  );
});

test.each<[string, object]>([
  ['labels', { labels: {} }],
  ['labels', { labels: undefined }],
  ['namespace', { namespace: undefined }],
  ['prometheus.replicas', { prometheus: { replicas: 0 } }],
  ['prometheus.replicas', { prometheus: { replicas: 3 } }],
  ['alertmanager.replicas', { alertmanager: { replicas: 0 } }],
])('invalid %s is refused with one error', (path, options) => {
  const message = refusalMessage(() => cloud(options));
  expect(message).toContain(path);
  expect(message.split('; ').filter((part) => part.startsWith('prometheusOperator')).length).toBeLessThan(2);
});

test('a namespace of this stack is refused, unless it is shared: its pods would be denied all traffic', () => {
  for (const namespace of ['monitoring', 'monitoring-nodes', 'monitoring-edge']) {
    expect(refusalMessage(() => cloud({ namespace }))).toContain(
      `prometheusOperator.namespace is "${namespace}", which is also a namespace of this stack`,
    );
  }
  expect(() => cloud({ namespace: 'monitoring' }, { sharedNamespaces: true })).not.toThrow();
  expect(() =>
    cloud(
      { namespace: 'monitoring' },
      { namespaces: { cloud: 'edge-cloud', nodes: 'edge-nodes', edge: 'edge' } },
    ),
  ).not.toThrow();
});

test('a job that no ScrapeConfig can hold is refused by its name', () => {
  const { metricsStore } = chartOf({ metricsStore: prometheusOperator(STACK) });
  const target = (more: object) => ({
    scrapeConfigs: [{ job_name: 'shop', static_configs: [{ targets: ['shop:80'] }], ...more }],
    scrapeServers: [],
  });
  expect(refusalMessage(() => metricsStore.addTarget(target({ basic_auth: { username: 'a' } })))).toContain(
    'the scrape job "shop" has a value of basic_auth that cannot be converted into a ScrapeConfig',
  );
  metricsStore.addTarget(target({ job_name: 'shop_a' }));
  expect(refusalMessage(() => metricsStore.addTarget(target({ job_name: 'shop-a' })))).toContain(
    'rename the job "shop-a"',
  );
});
