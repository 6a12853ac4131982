import {
  fluentBit,
  type Hosts,
  ingressNginx,
  type LokiSettings,
  type MetricsGatewaySettings,
  prometheus,
  type Retention,
  replicated,
  type SecretNames,
  type Settings,
  type SharedPushgateway,
  type StorageSettings,
} from '../../lib';

/** The minimal settings of an environment. */
export const minimalSettings: Settings = {
  cluster: 'least',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
};

/**
 * Settings type in which everything is required, so that the compiler reports a new setting that `allSettings` does not
 * set.
 */
interface AllSettings extends Required<Settings> {
  readonly hosts: Required<Hosts>;
  readonly retention: Required<Retention>;
  readonly storage: Required<StorageSettings>;
  readonly secrets: Required<SecretNames>;
  readonly metricsGateway: Required<MetricsGatewaySettings>;
  readonly loki: Required<LokiSettings>;
  readonly pushgateways: {
    readonly exporters: Required<SharedPushgateway>;
    readonly services: SharedPushgateway;
  };
}

/** Settings in which every setting is set. */
export const allSettings: AllSettings = {
  cluster: 'everything',
  kubernetesVersion: '1.30',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com', grafana: 'grafana.example.com' },
  namespaces: { cloud: 'observability', nodes: 'observability-nodes', edge: 'observability-edge' },
  retention: { metrics: '30d', metricsSize: '80Gi', outOfOrderWindow: '1d', logs: '90d' },
  storage: {
    className: 'fast',
    prometheus: '100Gi',
    loki: '200Gi',
    grafana: '5Gi',
    pushgateway: '3Gi',
    metricsGateway: '6Gi',
    alertmanager: '4Gi',
  },
  secrets: {
    pushUsers: 'our-push-users',
    pushCredentials: 'our-push-credentials',
    logsUsers: 'our-logs-users',
    logsCredentials: 'our-logs-credentials',
    grafanaUsers: 'our-grafana-users',
    grafanaAdmin: 'our-grafana-admin',
    grafana: 'our-grafana-secrets',
    receivers: 'our-receivers',
  },
  ingress: {
    controller: ingressNginx({ className: 'edge', namespace: 'edge-ingress', cidrs: ['10.2.0.0/24'] }),
    tls: { clusterIssuer: 'letsencrypt' },
    rateLimit: { requestsPerSecond: 100, burst: 2_000 },
    groups: ['north', 'south'],
  },
  nodeCidrs: ['10.2.0.0/16'],
  sharedNamespaces: true,
  scheduling: {
    nodeSelector: { pool: 'observability' },
    tolerations: [{ key: 'pool', value: 'observability', effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a', 'b'] }],
            },
          ],
        },
      },
    },
    workloads: { prometheus: { nodeSelector: { disk: 'ssd' } } },
  },
  commonLabels: { 'cost-center': '4711' },
  commonAnnotations: { 'policy.example.com/owner': 'the fleet team' },
  cloudNodes: { sharedRootMount: false, seccomp: false, seLinuxType: 'spc_t', nodeExporterPort: 9101 },
  images: {
    mirror: 'registry.example.com/mirror',
    overrides: { loki: 'registry.example.com/loki:3.7.6-ours' },
  },
  imagePullSecrets: ['registry-pull'],
  privateCa: { configMapName: 'our-ca', key: 'ca.crt' },
  secretStore: { name: 'vault', kind: 'ClusterSecretStore', prefix: 'edge/', refreshInterval: '5m' },
  pushgateways: {
    exporters: {
      shards: 2,
      formerShards: 3,
      reaper: { after: '2d', settling: '15m', interval: '2m' },
      scrapeInterval: '30s',
      limits: { seriesPerNode: 8_000, series: 400_000, nodes: 600 },
      resources: { cpu: '200m', memory: '256Mi', memoryLimit: '1Gi' },
    },
    services: { reaper: false },
  },
  grafana: {
    ini: {
      server: { serve_from_sub_path: false },
      'auth.generic_oauth': {
        enabled: true,
        client_id: 'grafana',
        client_secret: { secretKey: 'oauth-client-secret' },
        token_url: 'https://login.example.com/token',
        tls_client_ca: { secretKey: 'login-ca.crt' },
      },
      smtp: { enabled: true, host: 'smtp.example.com:587', password: { secretKey: 'smtp-password' } },
    },
    dataSources: [
      {
        name: 'Traces',
        uid: 'traces',
        type: 'tempo',
        url: 'http://tempo.tracing.svc:3200',
        podPort: 3201,
        basicAuthUser: 'grafana',
        user: 'reader',
        jsonData: { httpMethod: 'GET' },
        secureJsonData: { basicAuthPassword: { secretKey: 'tempo-password' } },
      },
    ],
    folder: 'The edge',
    resources: { cpu: '60m', memory: '140Mi', memoryLimit: '520Mi' },
  },
  loki: {
    deployment: replicated({
      replicas: 5,
      objectStorage: {
        bucket: 'our-logs',
        region: 'eu-1',
        endpoint: 'https://s3.example.com',
        credentialsSecretName: 'bucket',
      },
    }),
    streamRetention: [{ selector: '{namespace="audit"}', period: '365d' }],
    maxLineAge: '10d',
    limits: { streams: 90_000, ingestionRate: '32Mi', lineSize: '64Ki' },
    multiTenancy: {
      tenants: ['north', 'south'],
      formerTenants: ['fake', 'west'],
      limits: { north: { streams: 5_000 } },
    },
    resources: { cpu: '1', memory: '2Gi', memoryLimit: '4Gi' },
  },
  receivers: [{ name: 'ops', webhook_configs: [{ url_file: '/etc/alertmanager/receivers/url' }] }],
  alerts: {
    thresholds: { diskUsedPercent: 80, uplinkPerDay: '200Mi', uplinkDevices: 'eth0' },
    overrides: { EdgePodCpuThrottled: false, EdgeNodeSilent: { severity: 'critical', for: '10m' } },
    runbooks: 'https://wiki.example.com/runbooks',
    routes: [{ receiver: 'ops', matchers: ['severity="info"'], active_time_intervals: ['office-hours'] }],
    heartbeat: 'ops',
    timeIntervals: { 'office-hours': [{ weekdays: ['monday:friday'] }] },
  },
  gitOps: {
    name: 'our-observability',
    repository: 'git@git.example.com:fleet/observability.git',
    revision: 'release',
    path: 'manifests/everything',
    destination: { name: 'production' },
    namespace: 'argo',
    sync: 'manual',
    serverSideApply: true,
  },
  hostProbe: { interval: '30s', resources: { cpu: '20m', memory: '40Mi', memoryLimit: '80Mi' } },
  metricsStore: prometheus({
    replicas: 2,
    logLevel: 'warn',
    resources: { cpu: '2', memory: '3Gi', memoryLimit: '6Gi' },
  }),
  metricsGateway: {
    replicas: 3,
    limits: { nodes: 60, seriesPerNode: 900, mostSeriesPerNode: 9_000, sharedSeries: 10_000 },
    samplesPerSecond: 90_000,
    resources: { cpu: '200m', memory: '256Mi', memoryLimit: '768Mi' },
  },
  longestOutage: '12h',
  edge: {
    fleet: {
      nodes: 40,
      series: 300,
      exporters: [{ targets: 2, series: 20, interval: '1m' }],
      logs: '20Mi',
      uplinkBudget: '200Mi',
    },
    tolerations: [{ key: 'edge', operator: 'Exists' }],
    groups: [
      {
        name: 'south',
        interval: '1m',
        profile: 'lean',
        transport: 'remote-write',
        fleet: { nodes: 100 },
        tolerations: [{ key: 'south', operator: 'Exists' }],
        device: { httpProxy: false },
      },
    ],
    interval: '30s',
    group: 'north',
    instance: 'node',
    transport: 'pushgateway',
    profile: 'standard',
    agent: {
      kubelet: { interval: '1m', port: 10_350 },
      services: [{ job: 'shop', port: 8080, metricsPath: '/stats', interval: '30s' }],
      targetsDirectory: '/etc/targets',
      seriesPerTarget: 1_000,
      sending: { batchWait: '30s', bytesPerSecond: '32Ki', maxBackoff: '2m', significantFigures: 6 },
      queue: { size: '1Gi', maxAge: '3d' },
      pushes: {
        podCidrs: ['10.42.0.0/16'],
        usersSecretName: 'users',
        credentialsSecretName: 'credentials',
        jobs: 20,
        seriesPerJob: 500,
        bytesPerPush: '128Ki',
        bytesPerMinute: '1Mi',
        resources: { cpu: '20m', memory: '24Mi', memoryLimit: '64Mi' },
      },
    },
    device: {
      stateDirectory: '/data/observability',
      readOnlyMounts: ['/', '/usr'],
      sharedRootMount: false,
      seccomp: false,
      seLinuxType: 'spc_t',
      ports: { nodeExporter: 9101, metricsAgent: 8430, metricsPushes: 9092, logCollector: 12_346 },
      httpProxy: {
        address: 'http://proxy.example.com:3128',
        credentialsSecretName: 'proxy-credentials',
        noProxy: ['registry.example.com'],
      },
    },
    textfileDirectory: '/var/lib/node-exporter',
    nodeSelector: { site: 'north' },
    logs: {
      agent: fluentBit(),
      streamLabels: { site: 'plant-1' },
      keep: [{ namespace: 'shop|pay', container: 'web', line: '(?i)error' }],
      drop: [{ line: '^DEBUG' }],
      multiline: [{ firstLine: '^\\d{4}-', maxWait: '5s' }],
      sending: { batchWait: '30s', maxBackoff: '2m' },
      logRoots: ['/data/docker/containers'],
    },
  },
};
