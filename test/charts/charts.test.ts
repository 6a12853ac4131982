import { App, Chart } from 'cdk8s';
import {
  CloudChart,
  EdgeChart,
  type EdgeChartProps,
  EdgeNodeExporter,
  fromPushgateway,
  type PushgatewaySink,
  type Settings,
} from '../../lib';
import { renderApp } from '../../lib/tools/synthesis/render';
import { exampleManifests } from '../support/examples';
import { findOnly, type Manifest, podOf } from '../support/manifests';
import { allSettings, minimalSettings } from '../support/settings';

const imported = (): PushgatewaySink =>
  fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
const cloud = (settings = minimalSettings) => new CloudChart(new App(), 'cloud', { settings });
const edge = (settings = minimalSettings, metrics: EdgeChartProps['metrics'] = imported()) =>
  new EdgeChart(new App(), 'edge', { settings, metrics });

test('the edge pushes to the host that the cloud serves, with the Secret that the cloud names for its group', () => {
  const { sinks } = cloud(allSettings);
  const text = JSON.stringify(edge(allSettings, sinks).toJson());
  expect(text).toContain('"value":"https://push.example.com"');
  expect(text).toContain('"secretName":"our-push-credentials-north"');
});

const remote: Settings = { ...minimalSettings, edge: { transport: 'remote-write' } };

test.each<[string, string, Settings, readonly string[]]>([
  ['a Pushgateway', 'exporters push', minimalSettings, ['pushgateway', 'pushgateway-services']],
  ['the gateway', 'all nodes use remote write', remote, ['metrics-gateway']],
  [
    'a Pushgateway',
    'settings ask for one',
    { ...remote, pushgateways: { services: {} } },
    ['metrics-gateway', 'pushgateway-services'],
  ],
])('business services push below a path of their own on the same host, to %s where %s', (...row) => {
  const [, , settings, receivers] = row;
  const chart = cloud(settings);
  expect(chart.services.endpoint).toMatchObject({ url: 'https://push.example.com/services' });
  const names = (chart.toJson() as Manifest[])
    .filter(({ kind, metadata }) => kind === 'StatefulSet' && /gateway/.test(metadata.name))
    .map(({ metadata }) => metadata.name);
  expect(names.sort()).toEqual(receivers);
});

test('an edge chart can serve a Pushgateway that exists already', () => {
  const theirs = fromPushgateway({
    host: 'theirs.example.com',
    basePath: '/pg',
    credentialsSecretName: 'theirs',
  });
  expect(JSON.stringify(edge(minimalSettings, theirs).toJson())).toContain('"https://theirs.example.com/pg"');
});

test('the order in which charts are made changes nothing', () => {
  const ordered = new App();
  const first = new CloudChart(ordered, 'cloud', { settings: minimalSettings });
  const second = new EdgeChart(ordered, 'edge', { settings: minimalSettings, metrics: first.metrics });
  const swapped = new App();
  const before = new EdgeChart(swapped, 'edge', { settings: minimalSettings, metrics: imported() });
  const after = new CloudChart(swapped, 'cloud', { settings: minimalSettings });
  expect(JSON.stringify(before.toJson())).toBe(JSON.stringify(second.toJson()));
  expect(JSON.stringify(after.toJson())).toBe(JSON.stringify(first.toJson()));
});

test('Grafana is on the Internet only where it has a host name', () => {
  const ingresses = (objects: Manifest[]) =>
    objects.filter(({ kind }) => kind === 'Ingress').map(({ metadata }) => metadata.name);
  expect(ingresses(cloud().toJson())).toEqual(['push', 'logs']);
  expect(ingresses(cloud(allSettings).toJson())).toEqual(['push', 'logs', 'grafana']);
});

test('Prometheus reads every component, and Grafana shows its three sources', () => {
  const objects: Manifest[] = cloud().toJson();
  const jobs = findOnly(objects, 'ConfigMap', 'prometheus-config').data['prometheus.yaml'].match(
    /(?<=job_name: ).*/g,
  );
  expect([...jobs].sort()).toEqual([
    'alertmanager',
    'apiserver',
    'cadvisor',
    'grafana',
    'kube-state-metrics',
    'kube-state-metrics-self',
    'kubelet',
    'log-collector',
    'loki',
    'node_exporter',
    'prometheus',
    'pushgateway',
    'pushgateway-filter',
    'pushgateway-services',
    'pushgateway-services-filter',
  ]);
  const sources = findOnly(objects, 'ConfigMap', 'grafana-datasources').data['datasources.yaml'].match(
    /(?<=uid: ).*/g,
  );
  expect(sources).toEqual(['prometheus', 'loki', 'alertmanager']);
});

test('two environments may share an app and a cluster when their namespaces differ', () => {
  const app = new App();
  const one = new CloudChart(app, 'one', { settings: minimalSettings });
  const other = new CloudChart(app, 'other', { settings: { ...allSettings, cluster: 'other' } });
  const [names, others] = [one, other].map((chart): string[] =>
    chart.toJson().map(({ kind, metadata }: Manifest) => `${kind}/${metadata.namespace}/${metadata.name}`),
  );
  expect(names).toEqual(expect.arrayContaining(['StatefulSet/monitoring/prometheus']));
  expect(names?.filter((name) => others?.includes(name))).toEqual([]);
});

test('constructs find their way into any chart of any app', () => {
  const app = new App();
  const chart = edge();
  new EdgeNodeExporter(new CloudChart(app, 'c', { settings: minimalSettings }), 'x', { sink: imported() });
  expect(app.synthYaml()).toContain('edge-node-exporter');
  expect(podOf(findOnly(chart.toJson(), 'DaemonSet')).hostNetwork).toBe(true);
});

test('a change of one component’s version touches only the files of that component', () => {
  const upgraded = { ...minimalSettings, images: { overrides: { loki: 'docker.io/grafana/loki:3.8.0' } } };
  const before: Manifest[] = cloud().toJson();
  const after: Manifest[] = cloud(upgraded).toJson();
  const changed = after.filter((object, index) => JSON.stringify(object) !== JSON.stringify(before[index]));
  expect(new Set(changed.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name']))).toEqual(
    new Set(['loki']),
  );
});

test('the example reference has what it says: the hand-made system’s labels, on the nodes it ran on', () => {
  const daemonSet = findOnly(exampleManifests('reference', 'edge'), 'DaemonSet', 'edge-node-exporter');
  expect(JSON.stringify(daemonSet)).toContain('"name":"INSTANCE","value":"$(NODE_IP):9100"');
});

test('several environments fit into one app: claims on nodes are of a cluster', () => {
  const sites = (clusters: readonly string[]) => {
    const app = new App();
    for (const [at, cluster] of clusters.entries()) {
      const settings = { ...minimalSettings, cluster };
      const { metrics, logs } = new CloudChart(app, `cloud-${at}`, { settings });
      new EdgeChart(app, `edge-${at}`, { settings, metrics, logs });
    }
    return renderApp(app).length;
  };
  expect(sites(['north', 'south', 'west'])).toBe(3 * sites(['north']));
  expect(() => sites(['north', 'north'])).toThrow(
    /host is "push.example.com", but .* already serves this host/,
  );
});

test('an exporter of a chart that names no cluster may meet those of every cluster', () => {
  const app = new App();
  const settings = { ...minimalSettings, cluster: 'north' };
  const { metrics } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics });
  expect(() => new EdgeNodeExporter(new Chart(app, 'own'), 'node-exporter', { sink: imported() })).toThrow(
    /is already used on the same nodes by edge/,
  );
});

test('users of groups have the limits of their groups by plan for the transport of the group', () => {
  const { node } = cloud({
    ...minimalSettings,
    ingress: { groups: ['north', 'south'] },
    edge: {
      group: 'north',
      fleet: { nodes: 10 },
      groups: [{ name: 'south', transport: 'remote-write', fleet: { nodes: 20 } }],
    },
  });
  const file = (name: string) =>
    JSON.parse(
      findOnly(
        (node.root as App).charts.flatMap((chart) => chart.toJson()),
        'ConfigMap',
        name,
      ).data['limits.json'],
    );
  const { north, south } = file('metrics-gateway-config').pools;
  expect([north.sharedSeries, south.sharedSeries]).toEqual([500, 2200]);
  expect(Object.keys(file('pushgateway-push-filter').pools)).toEqual(['north', '']);
});
