import { App } from 'cdk8s';
import { CloudChart, EdgeChart, envoyGateway, type Settings } from '../../lib';
import { allSettings, minimalSettings } from '../support/settings';

function message(settings: unknown): string {
  try {
    new CloudChart(new App(), 'cloud', { settings: settings as Settings });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('the least and the most that an environment can say is accepted by both sides', () => {
  for (const settings of [minimalSettings, allSettings]) {
    const { sinks } = new CloudChart(new App(), 'cloud', { settings });
    new EdgeChart(new App(), 'edge', { settings, metrics: sinks });
  }
});

test.each<[string, object, string]>([
  [
    'a scheme',
    { hosts: { ...minimalSettings.hosts, metrics: 'https://push.example.com' } },
    'settings.hosts.metrics is "https://push.example.com"; allowed: a DNS name in lower case without scheme, port, path or credentials, such as "push.example.com"',
  ],
  [
    'a path',
    { hosts: { ...minimalSettings.hosts, logs: 'logs.example.com/loki' } },
    'settings.hosts.logs is "logs.example.com/loki"; allowed: a DNS name',
  ],
  [
    'an interval below a second',
    { edge: { interval: '0s' } },
    'settings.edge.interval is "0s"; allowed: a duration from "1s" to "1h"',
  ],
  [
    'an interval above an hour',
    { edge: { interval: '2h' } },
    'settings.edge.interval is "2h"; allowed: a duration from "1s" to "1h"',
  ],
  [
    'a malformed quantity',
    { storage: { loki: '50GB' } },
    'settings.storage.loki is "50GB"; allowed: a number and a unit',
  ],
  [
    'a malformed duration',
    { retention: { metrics: 'a month' } },
    'settings.retention.metrics is "a month"; allowed: a whole number and a unit',
  ],
  [
    'a retention of logs that Loki cannot keep to',
    { retention: { logs: '5h' } },
    'settings.retention.logs is "5h"; allowed: a duration of at least a day',
  ],
  [
    'a malformed namespace',
    { namespaces: { cloud: 'Cloud_1' } },
    'settings.namespaces.cloud is "Cloud_1"; allowed: up to 63',
  ],
  [
    'a malformed label',
    { edge: { nodeSelector: { site: 'a b' } } },
    'settings.edge.nodeSelector is {"site":"a b"}; allowed: label keys',
  ],
  [
    'a cluster that is no label',
    { cluster: 'our cluster' },
    'settings.cluster is "our cluster"; allowed: a label value',
  ],
  [
    'an image without a tag',
    { images: { overrides: { loki: 'r.example.com/loki' } } },
    'settings.images.overrides.loki is "r.example.com/loki"; allowed: an image with a registry and a fixed version',
  ],
  [
    'the tag latest',
    { images: { overrides: { loki: 'r.example.com/loki:latest' } } },
    'settings.images.overrides.loki is',
  ],
  [
    'an override of an unknown image',
    { images: { overrides: { lokki: 'r.example.com/loki:1' } } },
    'settings.images.overrides.lokki is not an option; allowed: the options prometheus, alertmanager',
  ],
  [
    'an unknown option',
    { retension: {} },
    'settings.retension is not an option; allowed: the options cluster, kubernetesVersion, namespaces',
  ],
  [
    'an unknown option further down',
    { retention: { metric: '15d' } },
    'settings.retention.metric is not an option; allowed: the options metrics, metricsSize, outOfOrderWindow, logs',
  ],
  [
    'an old Kubernetes',
    { kubernetesVersion: '1.21' },
    'settings.kubernetesVersion is "1.21"; allowed: a version from "1.22" to "1.36"',
  ],
  [
    'a group of options that is none',
    { storage: '50Gi' },
    'settings.storage is "50Gi"; allowed: the options className',
  ],
  [
    'a list in the place of options',
    { retention: [] },
    'settings.retention is []; allowed: the options metrics, metricsSize, outOfOrderWindow, logs',
  ],
  [
    'options in the place of a list',
    { edge: { groups: { name: 'north' } } },
    'settings.edge.groups is {"name":"north"}; allowed: a list, each member the options interval, profile, ',
  ],
  [
    'a list in the place of labels',
    { edge: { nodeSelector: ['site'] } },
    'settings.edge.nodeSelector is ["site"]; allowed: label keys',
  ],
  [
    'a text in the place of namespaces',
    { namespaces: 'monitoring' },
    'settings.namespaces is "monitoring"; allowed: the options cloud, nodes, edge',
  ],
  [
    'kubelet: true',
    { edge: { agent: { kubelet: true } } },
    'settings.edge.agent.kubelet is true; allowed: false, or the options interval, port',
  ],
  [
    'an override of alerts by a list',
    { alerts: { overrides: 'none' } },
    'settings.alerts.overrides is "none"; allowed: an object; each name: a name of letters and digits',
  ],
  [
    'a route that is none',
    { alerts: { routes: [null] } },
    'settings.alerts.routes[0] is null; allowed: the options receiver, matchers',
  ],
  [
    'no time interval',
    { alerts: { timeIntervals: null } },
    'settings.alerts.timeIntervals is null; allowed: an object',
  ],
  [
    'a receiver with an empty name',
    { receivers: [{ name: '' }] },
    'settings.receivers[0].name is ""; allowed: a name in one line',
  ],
  [
    'a file that is none of a ConfigMap',
    { privateCa: { configMapName: 'edge-ca', key: '../ca.crt' } },
    'settings.privateCa.key is "../ca.crt"; allowed: up to 253 letters',
  ],
  [
    'a destination by a number',
    { gitOps: { repository: 'https://git.example.com/x.git', path: 'dist/x', destination: { server: 1 } } },
    'settings.gitOps.destination is {"server":1}; allowed: { server: "https://..." }',
  ],
  ['a cluster without a name', { cluster: '' }, 'settings.cluster is ""; allowed: a label value: 1 to 63'],
  [
    'an expression that every line has',
    { edge: { logs: { drop: [{ line: '' }] } } },
    'settings.edge.logs.drop[0].line is ""; allowed: a regular expression',
  ],
  ['no cluster', { cluster: undefined }, 'settings.cluster is missing'],
  ['no hosts', { hosts: undefined }, 'settings.hosts is missing'],
  [
    'an ingress controller by name',
    { ingress: { controller: 'nginx' } },
    'settings.ingress.controller is "nginx"; allowed: an ingress controller, such as ingressNginx(',
  ],
  ['two issuers', { ingress: { tls: { issuer: 'a', clusterIssuer: 'b' } } }, 'settings.ingress.tls is'],
  [
    'receivers without names',
    { receivers: [{}] },
    'settings.receivers[0].name is missing; allowed: a name in one line',
  ],
  [
    'one namespace for two levels',
    { namespaces: { edge: 'monitoring' } },
    'settings.namespaces contains the same name twice: cloud "monitoring", nodes "monitoring-nodes", edge "monitoring"; allowed: three different names',
  ],
  [
    'one host for two sites',
    { hosts: { metrics: 'edge.example.com', logs: 'logs.example.com', grafana: 'edge.example.com' } },
    'settings.hosts.grafana is "edge.example.com", the same as settings.hosts.metrics: set a different host',
  ],
  [
    'an issuer for a Gateway that has its certificates',
    {
      ingress: {
        controller: envoyGateway({ gateway: { name: 'public', namespace: 'web' } }),
        tls: { clusterIssuer: 'le' },
      },
    },
    'settings.ingress.tls is {"clusterIssuer":"le"}; allowed: none, because the listeners of the Gateway public have their own certificates: remove the option "tls"',
  ],
])('%s is refused', (_, wrong, expected) => {
  expect(message({ ...minimalSettings, ...wrong })).toContain(`cloud: ${expected}`);
});

test('what is wrong is said in one line, and of a long value its beginning', () => {
  for (const wrong of ['a\nb', 'x'.repeat(100_000), 10n]) {
    for (const [name] of Object.entries(allSettings)) {
      const text = message({ ...allSettings, [name]: wrong });
      expect(text.length).toBeLessThan(1_000);
      expect(text).not.toMatch(/\n|received/);
    }
  }
});

test('a password in a host name is refused and not repeated', () => {
  const text = message({
    ...minimalSettings,
    hosts: { ...minimalSettings.hosts, metrics: 'https://user:hunter2@push.example.com' },
  });
  expect(text).toContain('settings.hosts.metrics is "https://***@push.example.com"');
  expect(text).not.toContain('hunter2');
});

test('all that is wrong is said at once', () => {
  expect(message({ ...minimalSettings, cluster: 'a b', storage: { loki: '1' } })).toMatch(
    /settings.cluster.*; settings.storage.loki/,
  );
});

test('settings that are none are refused', () => {
  expect(message(undefined)).toMatch(/cloud: settings is missing/);
});
