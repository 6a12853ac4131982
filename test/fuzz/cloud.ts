import {
  Alertmanager,
  BasicAuthIngress,
  basicAuth,
  environmentDashboards,
  Grafana,
  HostProbe,
  images,
  ingressNginx,
  KubernetesTargets,
  KubeStateMetrics,
  LogCollector,
  LokiStack,
  MetricsGateway,
  NodeAdmission,
  NodeExporter,
  Platform,
  PodNamespace,
  Prometheus,
  Pushgateway,
  replicated,
  webhook,
} from '../../lib';
import { allSettings } from '../support/settings';
import { type Maker, OTHER_LOG_AGENT, resources } from './makers';

const place = { name: 'own', namespace: 'shop' };
const rules = {
  runbooks: 'https://wiki.example.com',
  overrides: { PrometheusRestarted: { severity: 'info', for: '5m' } },
};
const host = 'push.example.com';
const tls = { secretName: 'push-tls' };

const { metricsGateway, pushgateways, loki, alerts } = allSettings;

/** Lines that are kept, dropped and joined. */
export const lines = {
  keep: [{ namespace: 'shop|pay', container: 'web', line: '(?i)error' }],
  drop: [{ namespace: 'shop', container: 'cache', line: '^DEBUG' }],
  multiline: [{ namespace: 'shop', container: 'web', firstLine: '^\\d{4}-', maxWait: '5s' }],
};

const ingressWith = (tls: object): Maker => ({
  options: { name: 'push', host, tls },
  make: (chart, props) =>
    new Pushgateway(chart, 'pushgateway', { ingress: new BasicAuthIngress(chart, 'ingress', props) }),
});

/** Constructs of the cloud. */
export const CLOUD: Readonly<Record<string, Maker>> = {
  'Platform.define': {
    options: {
      cluster: 'north',
      kubernetesVersion: '1.30',
      namespaces: { cloud: 'observability', nodes: 'observability-nodes', edge: 'observability-edge' },
      images: {
        mirror: { 'docker.io': 'registry.example.com/docker', 'quay.io': 'registry.example.com/quay' },
        overrides: { loki: 'registry.example.com/loki:3.7.6-ours' },
        lock: {
          version: 1,
          images: Object.fromEntries(Object.values(images).map((name) => [name, `sha256:${'0'.repeat(64)}`])),
        },
        architectures: { cloud: ['amd64'], edge: ['arm64'] },
      },
      imagePullSecrets: ['registry-pull'],
      storageClass: 'fast',
      nodeCidrs: ['10.0.0.0/8', 'fd00::/8'],
      cloudNodes: allSettings.cloudNodes,
      privateCa: allSettings.privateCa,
      secretStore: allSettings.secretStore,
      syncWaves: true,
    },
    make: (chart, props) => [Platform.define(chart, props), new Grafana(chart, 'grafana')],
  },
  PodNamespace: {
    options: { name: 'shop', podSecurity: 'restricted', denyTraffic: false, shared: true },
    make: (chart, props) => new PodNamespace(chart, 'namespace', props),
  },
  Alertmanager: {
    options: {
      ...place,
      receivers: [webhook({ name: 'ops', secretKey: 'url' })],
      routes: [
        ...(alerts.routes ?? []),
        {
          ...{
            continue: true,
            group_by: ['node'],
            group_wait: '0s',
            group_interval: '1m',
            repeat_interval: '1h',
          },
          mute_time_intervals: ['office-hours'],
          routes: [{ receiver: 'ops', matchers: ['severity="critical"'] }],
        },
      ],
      heartbeat: 'ops',
      timeIntervals: alerts.timeIntervals,
      receiversSecretName: 'files',
      receiverPorts: [443],
      ...{ replicas: 3, storage: '2Gi', resources },
    },
    make: (chart, props) => new Alertmanager(chart, 'alertmanager', props),
  },
  Prometheus: {
    options: {
      ...place,
      replicas: 2,
      retention: '30d',
      retentionSize: '15Gi',
      storage: '20Gi',
      scrapeInterval: '1m',
      outOfOrderWindow: '1d',
      logLevel: 'warn',
      resources,
      rules: { ...rules, overrides: {} },
    },
    make: (chart, props) => new Prometheus(chart, 'prometheus', props),
  },
  Grafana: {
    options: {
      ...place,
      runbooks: 'https://wiki.example.com',
      adminSecretName: 'admin',
      secretName: 'secrets',
      folder: 'Edge of the north',
      ini: {
        'auth.github': { enabled: true, client_id: 'Iv1.8a61f9', client_secret: { secretKey: 'github' } },
        smtp: { enabled: true, host: 'smtp.example.com:587', password: { secretKey: 'smtp' } },
      },
      dataSources: [
        {
          name: 'Traces',
          uid: 'traces',
          type: 'tempo',
          url: 'http://tempo.tracing.svc:80',
          podPort: 3200,
          basicAuthUser: 'grafana',
          user: 'reader',
          jsonData: { timeInterval: '10s' },
          secureJsonData: { basicAuthPassword: { secretKey: 'traces' } },
        },
      ],
      storage: '2Gi',
      resources,
    },
    given: (chart) => ({ ingress: new BasicAuthIngress(chart, 'ingress', { ...place, host, tls }) }),
    make: (chart, props: object) => {
      const grafana = new Grafana(chart, 'grafana', props);
      for (const source of environmentDashboards()) grafana.addDashboards(source);
    },
  },
  LokiStack: {
    options: {
      ...place,
      ...loki,
      limits: { ...loki.limits, querySeries: 20_000 },
      retention: '30d',
      storage: '20Gi',
      rules: { ...rules, overrides: {} },
    },
    given: (chart) => ({ ingress: new BasicAuthIngress(chart, 'ingress', { ...place, host, tls }) }),
    make: (chart, props) => new LokiStack(chart, 'loki', props),
  },
  Pushgateway: {
    options: {
      ...pushgateways.exporters,
      ...place,
      routePrefix: '/services',
      consistencyCheck: false,
      limits: { series: 5_000, nodes: 100, seriesPerNode: 500 },
      groupLimits: { north: { series: 5_000, nodes: 100, seriesPerNode: 500 } },
      storage: '2Gi',
      resources,
    },
    given: (chart) => ({
      ingress: new BasicAuthIngress(chart, 'ingress', { ...place, host, tls, groups: ['north'] }),
    }),
    make: (chart, props) => new Pushgateway(chart, 'pushgateway', props),
  },
  MetricsGateway: {
    options: {
      ...metricsGateway,
      ...place,
      groupLimits: { north: metricsGateway.limits },
      pushPrefix: '/pushes',
      storage: '5Gi',
    },
    given: (chart) => ({
      store: new Prometheus(chart, 'prometheus'),
      ingress: new BasicAuthIngress(chart, 'ingress', { ...place, host, tls, groups: ['north'] }),
    }),
    make: (chart, props) => new MetricsGateway(chart, 'gateway', props),
  },
  HostProbe: {
    options: { ...place, urls: ['https://push.example.com/api/v1/write'], interval: '30s', resources },
    make: (chart, props) => new HostProbe(chart, 'probe', props),
  },
  NodeAdmission: {
    options: {
      ...place,
      membership: 'api-server',
      groups: [{ name: 'north', nodeSelector: { site: 'north' } }],
      resources,
    },
    make: (chart, props) => new NodeAdmission(chart, 'admission', props),
  },
  KubeStateMetrics: {
    options: { ...place, nodeLabels: ['example.com/site'], resources },
    make: (chart, props) => new KubeStateMetrics(chart, 'kube-state-metrics', props),
  },
  KubernetesTargets: {
    options: {},
    given: (chart) => ({ store: new Prometheus(chart, 'prometheus') }),
    make: (chart, props) => new KubernetesTargets(chart, 'kubernetes', props),
  },
  NodeExporter: {
    options: { ...place, port: 9_100, resources },
    make: (chart, props) => new NodeExporter(chart, 'nodes', props),
  },
  LogCollector: {
    options: {
      ...place,
      ...lines,
      sending: { batchSize: '512Ki', batchWait: '5s', maxBackoff: '2m', linesPerSecond: 100 },
      resources,
    },
    given: (chart) => ({
      loki: new LokiStack(chart, 'loki', { deployment: replicated({ objectStorage: { bucket: 'logs' } }) }),
      agent: OTHER_LOG_AGENT,
    }),
    make: (chart, props) => new LogCollector(chart, 'logs', props),
  },
  'BasicAuthIngress with a Secret': ingressWith({ secretName: 'push-tls' }),
  'BasicAuthIngress with an issuer': ingressWith({ issuer: 'letsencrypt' }),
  BasicAuthIngress: {
    options: {
      name: 'push',
      namespace: 'monitoring',
      host,
      tls: { clusterIssuer: 'a' },
      usersSecretName: 'users',
      credentialsSecretName: 'credentials',
      realm: 'Edge',
      maxBodySize: '8Mi',
      timeout: '1m',
      rateLimit: { requestsPerSecond: 9, burst: 99 },
      groups: ['north'],
    },
    given: (chart) => ({
      controller: ingressNginx(),
      authentication: basicAuth(),
      nodeAdmission: new NodeAdmission(chart, 'admission'),
    }),
    make: (chart, props) =>
      new Pushgateway(chart, 'pushgateway', { ingress: new BasicAuthIngress(chart, 'ingress', props) }),
  },
};
