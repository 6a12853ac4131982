import { type App, Chart } from 'cdk8s';
import {
  Alertmanager,
  BasicAuthIngress,
  CloudChart,
  EdgeChart,
  EdgeExporter,
  EdgeGroup,
  EdgeLogCollector,
  EdgeMetricsAgent,
  EdgeNodeExporter,
  fromLoki,
  fromPushgateway,
  fromRemoteWrite,
  GitOpsChart,
  Grafana,
  KubeStateMetrics,
  LokiStack,
  MetricsGateway,
  NodeExporter,
  Platform,
  Prometheus,
  Pushgateway,
  type Settings,
  webhook,
} from '../../lib';
import { everything, least } from '../support/settings';
import { mutated, one, seeded } from './mutations';

/** What is built from options that a seed changed. */
export interface FuzzCase {
  readonly what: string;
  readonly options: unknown;
  readonly build: (app: App) => void;
}

const remoteWrite: Settings = {
  ...everything,
  edge: { ...everything.edge, transport: 'remote-write', group: 'north' },
  pushgateways: { services: { reaper: false } },
};

const smallest: Settings = { ...least, edge: { transport: 'remote-write', profile: 'lean' } };

function environment(app: App, settings: Settings): void {
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  if (settings.gitOps) new GitOpsChart(app, 'gitops', { settings, charts: [cloud, edge] });
}

const endpoint = { host: 'push.example.com', credentialsSecretName: 'push-credentials' };
const resources = { cpu: '100m', memory: '64Mi', memoryLimit: '128Mi' } as const;
const pod = {
  nodeSelector: { site: 'north' },
  excludedNodes: { site: ['south'] },
  tolerations: [{ key: 'edge', operator: 'Exists' }],
  priorityClassName: 'system-node-critical',
  updateStrategy: '10%',
  device: everything.edge.device,
};
const gateway = () => fromPushgateway(endpoint);
const writer = () => fromRemoteWrite(endpoint);

/** Each construct with all that it can be told, and what of it is no data. */
const CONSTRUCTS: Readonly<Record<string, readonly [object, (chart: Chart, props: never) => unknown]>> = {
  Platform: [
    {
      cluster: 'north',
      kubernetesVersion: '1.30',
      namespaces: { cloud: 'monitoring' },
      nodeCidrs: ['10.0.0.0/8'],
      storageClass: 'fast',
    },
    (chart, props) => [Platform.define(chart, props), new Grafana(chart, 'grafana')],
  ],
  Alertmanager: [
    {
      receivers: [webhook({ name: 'ops', secretKey: 'url' })],
      routes: everything.alerts.routes,
      heartbeat: 'ops',
      timeIntervals: everything.alerts.timeIntervals,
      receiversSecretName: 'files',
      receiverPorts: [443],
      ...{ name: 'alertmanager', replicas: 3, storage: '2Gi', resources },
    },
    (chart, props) => new Alertmanager(chart, 'alertmanager', props),
  ],
  Prometheus: [
    {
      retention: '30d',
      retentionSize: '15Gi',
      storage: '20Gi',
      scrapeInterval: '1m',
      outOfOrderWindow: '1d',
      resources,
      rules: { overrides: {} },
    },
    (chart, props) => new Prometheus(chart, 'prometheus', props),
  ],
  Grafana: [
    {
      name: 'grafana',
      runbooks: 'https://wiki.example.com',
      adminSecretName: 'admin',
      storage: '2Gi',
      resources,
    },
    (chart, props) => new Grafana(chart, 'grafana', props),
  ],
  LokiStack: [
    { ...everything.loki, retention: '30d', storage: '20Gi' },
    (chart, props) => new LokiStack(chart, 'loki', props),
  ],
  Pushgateway: [
    {
      ...everything.pushgateways.exporters,
      name: 'pushgateway',
      routePrefix: '/services',
      limits: { series: 5_000 },
      storage: '2Gi',
    },
    (chart, props) => new Pushgateway(chart, 'pushgateway', props),
  ],
  MetricsGateway: [
    { ...everything.metricsGateway, name: 'gateway', storage: '5Gi' },
    (chart, props: object) =>
      new MetricsGateway(
        chart,
        'gateway',
        Object.assign({ store: new Prometheus(chart, 'prometheus') }, props),
      ),
  ],
  KubeStateMetrics: [
    { name: 'kube-state-metrics', nodeLabels: ['example.com/site'], resources },
    (chart, props) => new KubeStateMetrics(chart, 'kube-state-metrics', props),
  ],
  NodeExporter: [
    { name: 'node-exporter', port: 9_100, resources },
    (chart, props) => new NodeExporter(chart, 'nodes', props),
  ],
  BasicAuthIngress: [
    {
      name: 'push',
      host: 'push.example.com',
      tls: { clusterIssuer: 'a' },
      realm: 'Edge',
      maxBodySize: '8Mi',
      timeout: '1m',
      rateLimit: { requestsPerSecond: 9, burst: 99 },
      groups: ['north'],
    },
    (chart, props) =>
      new Pushgateway(chart, 'pushgateway', { ingress: new BasicAuthIngress(chart, 'ingress', props) }),
  ],
  EdgeExporter: [
    {
      ...pod,
      ...{
        name: 'modem',
        image: 'ghcr.io/example/modem:1.4.0',
        port: 9_800,
        job: 'modem',
        interval: '30s',
        timeout: '5s',
      },
      ...{
        args: ['--verbose'],
        command: ['/modem'],
        env: [{ name: 'A', value: 'b' }],
        uid: 1_000,
        metricsPath: '/metrics',
        resources,
      },
      volumes: [{ name: 'data', hostPath: { path: '/data' } }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
      securityContext: { runAsUser: 1_000 },
      targets: [{ instance: 'plc-1', params: { target: '192.0.2.7' } }],
    },
    (chart, props: object) =>
      new EdgeExporter(chart, 'modem', Object.assign({ sink: gateway() }, props) as never),
  ],
  EdgeNodeExporter: [
    {
      ...pod,
      profile: { collectors: ['cpu'], metrics: ['node_.+'] },
      textfileDirectory: '/data/metrics',
      args: ['--no-collector.hwmon'],
      port: 9_100,
    },
    (chart, props: object) => new EdgeNodeExporter(chart, 'nodes', Object.assign({ sink: gateway() }, props)),
  ],
  EdgeMetricsAgent: [
    { ...pod, ...everything.edge.agent, interval: '30s', profile: 'lean', group: 'north', resources },
    (chart, props: object) => new EdgeMetricsAgent(chart, 'agent', Object.assign({ sink: writer() }, props)),
  ],
  EdgeLogCollector: [
    { ...pod, ...everything.edge.logs, agent: undefined, group: 'north', resources },
    (chart, props: object) =>
      new EdgeLogCollector(chart, 'logs', Object.assign({ sink: fromLoki(endpoint) }, props)),
  ],
  EdgeGroup: [
    {
      name: 'north',
      nodeSelector: { site: 'north' },
      interval: '30s',
      profile: 'lean',
      device: everything.edge.device,
      agent: everything.edge.agent,
    },
    (chart, props: object) => new EdgeGroup(chart, 'north', Object.assign({ metrics: writer() }, props)),
  ],
};

const SETTINGS: readonly Settings[] = [least, everything, remoteWrite, smallest];

/** Every case before anything of it is changed. */
export const unchanged: readonly FuzzCase[] = [
  ...SETTINGS.map((options) => ({
    what: `settings ${options.cluster}`,
    options,
    build: (app: App) => environment(app, options),
  })),
  ...Object.entries(CONSTRUCTS).map(([what, [options, make]]) => ({
    what,
    options,
    build: (app: App) => void make(new Chart(app, 'chart'), options as never),
  })),
];

/** The case of a seed: an environment's settings, or one construct's properties. */
export function caseOf(seed: number): FuzzCase {
  const random = seeded(seed);
  if (random() < 0.4) {
    const options = mutated(one(SETTINGS, random), random);
    return { what: 'settings', options, build: (app) => environment(app, options) };
  }
  const [what, [props, make]] = one(Object.entries(CONSTRUCTS), random);
  const options = mutated(props, random);
  return { what, options, build: (app) => void make(new Chart(app, 'chart'), options as never) };
}
