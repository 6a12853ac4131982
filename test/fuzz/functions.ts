import type { Chart } from 'cdk8s';
import {
  Alertmanager,
  alloy,
  BasicAuthIngress,
  CloudChart,
  certManagerMetrics,
  dingTalk,
  EdgeLogCollector,
  EdgeMetricsAgent,
  EdgeNodeExporter,
  edgeAlert,
  email,
  environmentDashboards,
  environmentRules,
  envoyGateway,
  fluentBit,
  fromLoki,
  fromPushgateway,
  fromRemoteWrite,
  Grafana,
  type IngressController,
  ingressNginx,
  ingressNginxMetrics,
  type LogAgent,
  type LokiDeployment,
  LokiStack,
  MetricsGateway,
  type MetricsStoreType,
  NodeAdmission,
  nodeCertificate,
  Prometheus,
  Pushgateway,
  pagerDuty,
  planFleet,
  prometheus,
  prometheusOperator,
  promtail,
  proxy,
  type Receiver,
  remoteStore,
  replicated,
  type ScrapeTarget,
  singleBinary,
  slack,
  toRemoteWrite,
  traefik,
  traefikMetrics,
  victoriaMetricsCluster,
  webhook,
  weCom,
  weComRobot,
} from '../../lib';
import { THRESHOLDS } from '../../lib/charts/components';
import { NODE_CA } from '../support/node-ca';
import { allSettings, minimalSettings } from '../support/settings';
import { endpoint, type Maker } from './makers';

type Function<T> = (options: never) => T;

const installation = { className: 'own', namespace: 'ingress', cidrs: ['10.2.0.0/24'] };

/** A host that it puts on the Internet. */
const controller = (make: Function<IngressController>, more: object = {}): Maker => ({
  options: { ...installation, ...more },
  make: (chart, options) => {
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      ...{ name: 'push', host: 'push.example.com', controller: make(options) },
    });
    return new Pushgateway(chart, 'pushgateway', { ingress });
  },
});

/** A collector that reads with it. */
const agent = (make: Function<LogAgent>, options: object = {}): Maker => ({
  options,
  make: (chart, given) =>
    new EdgeLogCollector(chart, 'logs', {
      sink: fromLoki({ ...endpoint, groups: undefined }),
      agent: make(given),
    }),
});

/** An Alertmanager that notifies it. */
const receiver = (make: Function<Receiver>, more: object = {}): Maker => ({
  options: { name: 'ops', secretKey: 'url', ...more },
  make: (chart, options) =>
    new Alertmanager(chart, 'alertmanager', { receivers: [make(options)], receiversSecretName: 'files' }),
});

/** A Prometheus that reads it. */
const metrics = (make: Function<ScrapeTarget>): Maker => ({
  options: { namespace: 'ingress', service: 'metrics', port: 9_402 },
  make: (chart, options) => new Prometheus(chart, 'prometheus').addTarget(make(options)),
});

/** The cloud side of an environment with this store of metrics. A chart is made in the app, beside others. */
const store = (make: Function<MetricsStoreType>, options: object = {}): Maker => ({
  options,
  make: ({ node: { root } }, given) =>
    new CloudChart(root, 'cloud', { settings: { ...minimalSettings, metricsStore: make(given) } }),
});

/** A Loki that runs so. */
const deployment = (make: Function<LokiDeployment>, options: object = {}): Maker => ({
  options,
  make: (chart, given) => new LokiStack(chart, 'loki', { deployment: make(given) }),
});

const grafanaWith = (chart: Chart, sources: ReturnType<typeof environmentDashboards>): void => {
  const grafana = new Grafana(chart, 'grafana');
  for (const source of sources) grafana.addDashboards(source);
};

const alertRule = {
  expr: 'up == 0',
  ...{ for: '5m', keepFiringFor: '5m', severity: 'warning', runbook: 'https://wiki.example.com/a' },
  ...{ summary: '{{ $labels.node }} is down', description: 'Since {{ $value }}.', labels: { team: 'edge' } },
  mutes: [{ when: ['node!=""'], matchers: ['node!=""'], equal: ['cluster'] }],
};

const { replicas, objectStorage } = allSettings.loki.deployment as Extract<
  LokiDeployment,
  { replicas: number }
>;

/** Functions whose results are passed to constructs. */
export const FUNCTIONS: Readonly<Record<string, Maker>> = {
  ingressNginx: controller(ingressNginx),
  traefik: controller(traefik, { entryPoint: 'https' }),
  proxy: controller(proxy, { annotations: { 'example.com/a': 'b' }, tlsPassthrough: true }),
  nodeCertificate: {
    options: {
      ca: NODE_CA,
      subject: 'CN={node},O=edge',
      folder: '/etc/certs',
      certificateFile: 'node.crt',
      keyFile: 'node.key',
      passwords: true,
      groups: ['north'],
    },
    make: (chart, options) => {
      const authentication = nodeCertificate(options as never);
      const nodeAdmission = new NodeAdmission(chart, 'admission');
      const host = { name: 'push', host: 'push.example.com', authentication, nodeAdmission };
      return new Pushgateway(chart, 'pushgateway', { ingress: new BasicAuthIngress(chart, 'ingress', host) });
    },
  },
  envoyGateway: controller(envoyGateway, { gatewayName: 'edge', httpChallenges: false }),
  'envoyGateway with a Gateway that exists': {
    ...controller(envoyGateway),
    options: { gateway: { name: 'public', namespace: 'ingress', listener: 'https' } },
  },
  fluentBit: agent(fluentBit),
  promtail: agent(promtail),
  alloy: agent(alloy, { kubernetesMetadata: false }),
  webhook: receiver(webhook),
  slack: receiver(slack, { channel: '#edge' }),
  pagerDuty: receiver(pagerDuty),
  email: receiver(email, {
    ...{ to: 'a@example.com', from: 'b@example.com', smarthost: 'smtp.example.com:587', username: 'b' },
  }),
  weCom: receiver(weCom, { corpId: 'a', agentId: 'b', toUser: 'c', toParty: 'd' }),
  weComRobot: receiver(weComRobot),
  dingTalk: receiver(dingTalk, { signingKey: 'key', keyword: 'edge' }),
  certManagerMetrics: metrics(certManagerMetrics),
  ingressNginxMetrics: metrics(ingressNginxMetrics),
  traefikMetrics: metrics(traefikMetrics),
  singleBinary: deployment(singleBinary),
  replicated: deployment(replicated, {
    ...{ replicas, lateLines: 'when-written' },
    objectStorage: { ...objectStorage, pathStyle: true },
  }),
  'replicated with an identity': deployment(replicated, {
    objectStorage: {
      bucket: 'logs',
      identityAnnotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/a' },
    },
  }),
  remoteStore: store(remoteStore, {
    write: {
      url: 'https://mimir.example.com/api/v1/push',
      ...{ encoding: 'snappy', outOfOrderWindow: '1h', credentialsSecretName: 'mimir' },
      ...{ privateCa: endpoint.privateCa, headers: { 'X-Scope-OrgID': 'edge' } },
      peer: { namespace: 'mimir', podLabels: { app: 'mimir' } },
    },
    query: {
      ...{
        url: 'https://mimir.example.com/prometheus',
        credentialsSecretName: 'mimir',
        privateCa: endpoint.privateCa,
      },
      ...{ headers: { 'X-Scope-OrgID': 'edge' }, peer: { namespace: 'mimir', podLabels: { app: 'mimir' } } },
    },
    ...{ rules: 'vmalert', scrapeInterval: '1m', storage: '4Gi' },
    scraperResources: { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' },
    rulesResources: { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' },
  }),
  'remoteStore at addresses': store(remoteStore, {
    write: { url: 'http://10.0.0.1/write', peer: { cidrs: ['10.0.0.0/24'] } },
    query: { url: 'http://10.0.0.1', peer: { cidrs: ['10.0.0.0/24'] } },
  }),
  victoriaMetricsCluster: store(victoriaMetricsCluster, {
    ...{ replicationFactor: 2, storageNodes: 3, insertNodes: 2, selectNodes: 2, storage: '50Gi' },
    ...{ dedupInterval: '10s', scrapeInterval: '1m', scraperStorage: '4Gi' },
    storageResources: { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' },
    insertResources: { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' },
    selectResources: { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' },
    scraperResources: { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' },
    rulesResources: { cpu: '1', memory: '1Gi', memoryLimit: '1Gi' },
  }),
  'remoteStore anywhere': store(remoteStore, {
    write: { url: 'https://mimir.example.com/write', peer: { anywhere: true } },
    query: { url: 'https://mimir.example.com', peer: { anywhere: true } },
  }),
  prometheusOperator: store(prometheusOperator, {
    labels: { release: 'kps' },
    namespace: 'kps',
    prometheus: { name: 'main', replicas: 2, serviceAccountName: 'prometheus' },
    alertmanager: { name: 'main', replicas: 3 },
    grafana: {
      ...{ namespace: 'grafana', podLabels: { app: 'grafana' }, metricsUid: 'metrics' },
      ...{ dashboardLabels: { dashboard: 'yes' }, dataSourceLabels: { datasource: 'yes' } },
    },
    scrapeInterval: '15s',
    outOfOrderWindow: '6h',
  }),
  prometheus: store(prometheus, {
    replicas: 2,
    logLevel: 'warn',
    resources: { cpu: '1', memory: '2Gi', memoryLimit: '2Gi' },
  }),
  fromPushgateway: {
    options: { ...endpoint, shards: 2 },
    make: (chart, options) =>
      new EdgeNodeExporter(chart, 'nodes', { sink: fromPushgateway(options), group: 'north' }),
  },
  fromRemoteWrite: {
    options: { ...endpoint, encoding: 'zstd' },
    make: (chart, options) =>
      new EdgeMetricsAgent(chart, 'agent', { sink: fromRemoteWrite(options), group: 'north' }),
  },
  fromLoki: {
    options: endpoint,
    make: (chart, options) =>
      new EdgeLogCollector(chart, 'logs', { sink: fromLoki(options), group: 'north' }),
  },
  toRemoteWrite: {
    options: {
      url: 'https://mimir.example.com/api/v1/push',
      ...{ encoding: 'zstd', outOfOrderWindow: '1h', credentialsSecretName: 'mimir' },
      ...{ privateCa: endpoint.privateCa, headers: { 'X-Scope-OrgID': 'edge' } },
      peer: { namespace: 'mimir', podLabels: { app: 'mimir' } },
    },
    make: (chart, options) => new MetricsGateway(chart, 'gateway', { store: toRemoteWrite(options) }),
  },
  'toRemoteWrite at addresses': {
    options: { url: 'http://10.0.0.1/write', peer: { cidrs: ['10.0.0.0/24'] } },
    make: (chart, options) => new MetricsGateway(chart, 'gateway', { store: toRemoteWrite(options) }),
  },
  'toRemoteWrite anywhere': {
    options: { url: 'https://mimir.example.com/write', peer: { anywhere: true } },
    make: (chart, options) => new MetricsGateway(chart, 'gateway', { store: toRemoteWrite(options) }),
  },
  environmentRules: {
    options: {
      thresholds: Object.fromEntries(Object.entries(THRESHOLDS).map(([name, one]) => [name, one.default])),
      ...{ exporters: ['pushgateway'], gateway: 'gateway', services: ['services'], membership: 'pushes' },
      nodes: [
        {
          ...{ group: 'north', nodeSelector: { site: 'north' }, transport: 'remote-write' },
          ...{ interval: '30s', scrapeInterval: '30s', batchWait: '30s', uplinkBudget: '100Mi' },
          readOnlyMounts: ['/'],
        },
      ],
      ...{ edgeNamespace: 'edge', certificates: true, ingressNamespaces: ['ingress'] },
    },
    given: () => ({ logAgents: [promtail()], targets: [certManagerMetrics()] }),
    make: (chart, options) => {
      const { prometheus, loki } = environmentRules(options);
      const server = new Prometheus(chart, 'prometheus');
      const lines = new LokiStack(chart, 'loki');
      for (const source of prometheus) server.addRules(source);
      for (const source of loki) lines.addRules(source);
    },
  },
  environmentDashboards: {
    options: { nodes: 40, series: 9_000, samplesPerSecond: 900, loki: { bytesPerDay: 90_000_000 } },
    make: (chart, options) => grafanaWith(chart, environmentDashboards(options)),
  },
  planFleet: {
    options: {
      groups: [
        {
          ...{ name: 'north', nodes: 40, transport: 'remote-write', interval: '30s', series: 'lean' },
          ...{ exporters: [{ targets: 2, series: 20, interval: '1m' }], logs: '20Mi', uplinkBudget: '500Mi' },
        },
        {
          ...{ name: 'south', nodes: 40, transport: 'remote-write', interval: '30s', series: 200 },
          ...{ profile: 'lean', batchWait: '2m', logs: '20Mi', logBatchWait: '30s' },
        },
      ],
      retention: { metrics: '30d', logs: '90d' },
      longestOutage: '12h',
      outOfOrderWindow: '1d',
      store: {
        ...{ kind: 'operator', replicas: 2, outOfOrderWindow: '3d' },
        ...{ rules: 'vmalert', replicationFactor: 2, storageNodes: 3 },
      },
    },
    make: (chart, options) => grafanaWith(chart, environmentDashboards(planFleet('fleet', options))),
  },
  edgeAlert: {
    options: alertRule,
    make: (chart, options) =>
      new Prometheus(chart, 'prometheus').addRules({
        ruleGroups: [{ name: 'own', rules: [edgeAlert('OwnAlert', options)] }],
      }),
  },
};
