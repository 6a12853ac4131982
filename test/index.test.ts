import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as lib from '../lib';

const push = { host: 'push.example.com', credentialsSecretName: 'push-credentials' };
const tls = { secretName: 'push-tls' };

const RULES = { ruleGroups: [{ name: 'x', rules: [{ record: 'x:y', expr: 'up', description: 'up' }] }] };

/** The minimal options of each construct, and the minimum kinds of its objects. */
const CONSTRUCTS: Readonly<Record<string, readonly [kind: string, make: (chart: Chart) => void]>> = {
  Alertmanager: ['StatefulSet', (chart) => new lib.Alertmanager(chart, 'x')],
  ArgoCdApplications: [
    'Application',
    (chart) => {
      const repository = 'https://git.example.com/fleet.git';
      new lib.ArgoCdApplications(chart, 'x', { name: 'fleet', repository, path: 'dist' }).addChart(chart);
    },
  ],
  BasicAuthIngress: [
    'Ingress',
    (chart) => {
      const ingress = new lib.BasicAuthIngress(chart, 'x', { name: 'push', host: 'push.example.com', tls });
      ingress.expose({
        namespace: 'monitoring',
        serviceName: 'web',
        server: { peer: { namespace: 'monitoring' }, port: 80, admit: () => {} },
        paths: ['/'],
      });
    },
  ],
  DashboardResources: [
    'ConfigMap',
    (chart) =>
      new lib.DashboardResources(chart, 'x').addDashboards(
        lib.environmentDashboards()[0] as lib.DashboardSource,
      ),
  ],
  EdgeDaemonSet: [
    'DaemonSet',
    (chart) => {
      const container = {
        name: 'x',
        image: 'ghcr.io/a/b:1',
        resources: { cpu: '1m', memory: '8Mi' },
      } as const;
      new lib.EdgeDaemonSet(chart, 'x', { name: 'x', containers: [container] });
    },
  ],
  EdgeGroup: [
    'DaemonSet',
    (chart) => new lib.EdgeGroup(chart, 'x', { name: 'north', metrics: lib.fromPushgateway(push) }),
  ],
  EdgeExporter: [
    'DaemonSet',
    (chart) =>
      new lib.EdgeExporter(chart, 'x', {
        name: 'modem',
        image: 'ghcr.io/a/modem:1',
        port: 9800,
        sink: lib.fromPushgateway(push),
      }),
  ],
  EdgeLogCollector: [
    'DaemonSet',
    (chart) => new lib.EdgeLogCollector(chart, 'x', { sink: lib.fromLoki(push) }),
  ],
  EdgeMetricsAgent: [
    'DaemonSet',
    (chart) => new lib.EdgeMetricsAgent(chart, 'x', { sink: lib.fromRemoteWrite(push) }),
  ],
  EdgeNodeExporter: [
    'DaemonSet',
    (chart) => new lib.EdgeNodeExporter(chart, 'x', { sink: lib.fromPushgateway(push) }),
  ],
  Grafana: ['StatefulSet', (chart) => new lib.Grafana(chart, 'x')],
  NodeAdmission: ['Deployment', (chart) => new lib.NodeAdmission(chart, 'x')],
  HostProbe: [
    'Deployment',
    (chart) => new lib.HostProbe(chart, 'x', { urls: ['https://push.example.com/api/v1/write'] }),
  ],
  KubeStateMetrics: ['Deployment', (chart) => new lib.KubeStateMetrics(chart, 'x')],
  KubernetesTargets: [
    'StatefulSet',
    (chart) => new lib.KubernetesTargets(chart, 'x', { store: new lib.Prometheus(chart, 'p') }),
  ],
  LogCollector: [
    'DaemonSet',
    (chart) => new lib.LogCollector(chart, 'x', { loki: new lib.LokiStack(chart, 'l') }),
  ],
  LokiStack: ['StatefulSet', (chart) => new lib.LokiStack(chart, 'x')],
  MetricsGateway: [
    'StatefulSet',
    (chart) => new lib.MetricsGateway(chart, 'x', { store: new lib.Prometheus(chart, 'p') }),
  ],
  NodeExporter: ['DaemonSet', (chart) => new lib.NodeExporter(chart, 'x')],
  PodNamespace: [
    'Namespace',
    (chart) => new lib.PodNamespace(chart, 'x', { name: 'x', podSecurity: 'restricted' }),
  ],
  Prometheus: ['StatefulSet', (chart) => new lib.Prometheus(chart, 'x')],
  Pushgateway: ['StatefulSet', (chart) => new lib.Pushgateway(chart, 'x')],
  RuleResources: ['PrometheusRule', (chart) => new lib.RuleResources(chart, 'x').addRules(RULES)],
};

const exported = Object.entries(lib).flatMap(([name, value]) => {
  const { prototype } = value as { prototype?: unknown };
  return prototype instanceof Construct && !name.endsWith('Chart') ? [name] : [];
});

test.each(exported)('%s works alone, in a chart of somebody else’s app', (name) => {
  const [kind, make] = CONSTRUCTS[name] ?? [];
  if (!make) throw new Error(`add ${name} to the table`);
  const outdir = mkdtempSync(join(tmpdir(), 'stock-'));
  try {
    const app = new App({ outdir });
    make(new Chart(app, 'theirs', { namespace: 'monitoring' }));
    app.synth();
    const written = readFileSync(join(outdir, 'theirs.k8s.yaml'), 'utf8');
    expect(written).toMatch(new RegExp(`^kind: ${kind}$`, 'm'));
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
