import type { Construct } from 'constructs';
import * as v from 'valibot';
import { certificateMetrics } from '../access/certificate-metrics';
import type { RateLimit } from '../access/guard-options';
import { ingressController } from '../access/ingress-controller';
import type { StreamRetention } from '../cloud/loki-config';
import type { LokiDeployment } from '../cloud/loki-deployment';
import type { LokiLimits } from '../cloud/loki-limits';
import type { MultiTenancy } from '../cloud/loki-tenants';
import { PUSH_LIMIT_RULES, type PushLimitOptions, type ReaperOptions } from '../cloud/pushgateway-options';
import { groupNames } from '../core/groups';
import { imageLock } from '../core/image-lock';
import { image } from '../core/image-reference';
import { type ImageArchitectures, type ImageOptions, images } from '../core/images';
import { imageMirror } from '../core/mirrors';
import * as rules from '../core/option-rules';
import { architectures } from '../core/placement';
import type { Namespaces, SecretStore } from '../core/platform';
import type { Resources } from '../core/pods';
import { alertOverride, runbooksAddress } from '../core/rule-set';
import { shardCount } from '../core/shards';
import { invalid, type Rule, shown } from '../core/validation';
import { SERIES_LIMIT_RULES, type SeriesLimits } from '../fleet/series-limits';
import { destination } from '../gitops/argo-cd-applications';
import { gitPath, gitRepository, gitRevision } from '../gitops/git-rules';
import { edgeSettings } from './edge-schema';
import { THRESHOLDS } from './environment-rules';
import { type Entries, is, maybe, object, optional, optionalList, options, strict, text } from './schema';
import type {
  AlertSettings,
  EdgeSettings,
  GitOpsSettings,
  Hosts,
  IngressSettings,
  LokiSettings,
  MetricsGatewaySettings,
  PrometheusSettings,
  PushgatewaySettings,
  Retention,
  SecretNames,
  Settings,
  SharedPushgateway,
  StorageSettings,
} from './settings';
import { relationProblems } from './settings-relations';

/**
 * Checks settings before anything is made of them, so that a misspelt option is an error and not a
 * default, also where nobody checks types.
 *
 * @throws InvalidOptionError that names each setting, what was given and what is allowed.
 */
export function checkSettings(scope: Construct, settings: Settings): void {
  const { issues = [] } = v.safeParse(schema, settings);
  const problems = issues.length ? issues.map(problem) : relationProblems(settings);
  if (problems.length) throw invalid(scope, problems.join('; '));
}

const imageOverrides = Object.fromEntries(Object.keys(images).map((name) => [name, maybe(image)]));

const tls: Rule = {
  allowed: '{ clusterIssuer: "name" } or { issuer: "name" } of cert-manager',
  accepts: (value) => {
    const [[kind, name] = [], ...more] = Object.entries(value ?? {});
    return (kind === 'clusterIssuer' || kind === 'issuer') && rules.objectName.accepts(name) && !more.length;
  },
};

const receivers: Rule = {
  allowed: 'a list of receivers in the format of Alertmanager, each with a name',
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((one) => one?.name && text.accepts(one.name)),
};

const deployment: Rule = {
  allowed: 'singleBinary() or replicated({ objectStorage: { bucket: "name" } })',
  accepts: (value) => ['singleBinary', 'replicated'].includes((value as LokiDeployment)?.mode),
};

const resources: Entries<Resources> = {
  cpu: is(rules.cpu),
  memory: is(rules.quantity),
  memoryLimit: maybe(rules.quantity),
};

const pushgateway: Entries<SharedPushgateway> = {
  shards: maybe(shardCount),
  formerShards: maybe(shardCount),
  reaper: v.optional(
    v.union(
      [
        v.literal(false),
        options<ReaperOptions>({
          after: maybe(rules.duration),
          settling: maybe(rules.duration),
          interval: maybe(rules.interval),
        }),
      ],
      'false or { after, settling, interval }, each a duration',
    ),
  ),
  scrapeInterval: maybe(rules.interval),
  limits: optional<PushLimitOptions>({
    seriesPerNode: maybe(PUSH_LIMIT_RULES.seriesPerNode),
    series: maybe(PUSH_LIMIT_RULES.series),
    nodes: maybe(PUSH_LIMIT_RULES.nodes),
  }),
  resources: optional<Resources>(resources),
};

const schema = options<Settings>({
  cluster: is(rules.labelValue),
  kubernetesVersion: maybe(rules.kubernetesVersion),
  hosts: options<Hosts>({
    metrics: is(rules.hostName),
    logs: is(rules.hostName),
    grafana: maybe(rules.hostName),
  }),
  namespaces: optional<Namespaces>({
    cloud: maybe(rules.dnsLabel),
    nodes: maybe(rules.dnsLabel),
    edge: maybe(rules.dnsLabel),
  }),
  retention: optional<Retention>({
    metrics: maybe(rules.duration),
    metricsSize: maybe(rules.quantity),
    outOfOrderWindow: maybe(rules.duration),
    logs: maybe(rules.duration),
  }),
  storage: optional<StorageSettings>({
    className: maybe(rules.objectName),
    prometheus: maybe(rules.quantity),
    loki: maybe(rules.quantity),
    grafana: maybe(rules.quantity),
    pushgateway: maybe(rules.quantity),
    metricsGateway: maybe(rules.quantity),
    alertmanager: maybe(rules.quantity),
  }),
  secrets: optional<SecretNames>({
    pushUsers: maybe(rules.objectName),
    pushCredentials: maybe(rules.objectName),
    logsUsers: maybe(rules.objectName),
    logsCredentials: maybe(rules.objectName),
    grafanaUsers: maybe(rules.objectName),
    grafanaAdmin: maybe(rules.objectName),
    receivers: maybe(rules.objectName),
  }),
  ingress: optional<IngressSettings>({
    controller: maybe(ingressController),
    tls: maybe(tls),
    certificateMetrics: maybe(certificateMetrics),
    rateLimit: optional<RateLimit>({
      requestsPerSecond: is(rules.wholeNumber(1, 100_000)),
      burst: maybe(rules.wholeNumber(1, 1_000_000)),
    }),
    groups: maybe(groupNames),
  }),
  nodeCidrs: maybe(rules.someOf(rules.cidr)),
  images: optional<ImageOptions>({
    mirror: maybe(imageMirror),
    overrides: v.optional(strict(imageOverrides)),
    lock: maybe(imageLock),
    architectures: optional<ImageArchitectures>({ cloud: maybe(architectures), edge: maybe(architectures) }),
  }),
  imagePullSecrets: maybe(rules.listOf(rules.objectName)),
  privateCa: optional<NonNullable<Settings['privateCa']>>({
    configMapName: is(rules.objectName),
    key: is(rules.configMapKey),
  }),
  secretStore: optional<SecretStore>({
    name: is(rules.objectName),
    kind: maybe(rules.storeKind),
    prefix: maybe(rules.storePrefix),
    refreshInterval: maybe(rules.interval),
  }),
  receivers: maybe(receivers),
  alerts: optional<AlertSettings>({
    thresholds: v.optional(
      strict(Object.fromEntries(Object.entries(THRESHOLDS).map(([name, { rule }]) => [name, maybe(rule)]))),
    ),
    overrides: v.optional(
      v.record(v.string(), is(alertOverride), 'what is changed, by the name of the alert'),
    ),
    runbooks: maybe(runbooksAddress),
    // Alertmanager itself says what is wrong with them.
    routes: maybe(rules.listOf(object('a route in the format of Alertmanager'))),
    heartbeat: maybe(text),
    timeIntervals: maybe(object('time intervals by name')),
  }),
  gitOps: optional<GitOpsSettings>({
    name: maybe(rules.dnsLabel),
    repository: is(gitRepository),
    revision: maybe(gitRevision),
    path: is(gitPath),
    destination: maybe(destination),
    namespace: maybe(rules.dnsLabel),
    sync: maybe(rules.oneOf('automatic', 'manual')),
    serverSideApply: maybe(rules.yesOrNo),
  }),
  pushgateways: optional<PushgatewaySettings>({
    exporters: optional<SharedPushgateway>(pushgateway),
    services: optional<SharedPushgateway>(pushgateway),
  }),
  prometheus: optional<PrometheusSettings>({ resources: optional<Resources>(resources) }),
  metricsGateway: optional<MetricsGatewaySettings>({
    replicas: maybe(rules.wholeNumber(1, 100)),
    limits: optional<SeriesLimits>({
      nodes: maybe(SERIES_LIMIT_RULES.nodes),
      seriesPerNode: maybe(SERIES_LIMIT_RULES.seriesPerNode),
      mostSeriesPerNode: maybe(SERIES_LIMIT_RULES.mostSeriesPerNode),
      sharedSeries: maybe(SERIES_LIMIT_RULES.sharedSeries),
    }),
    samplesPerSecond: maybe(rules.wholeNumber(1, 100_000_000)),
    resources: optional<Resources>(resources),
  }),
  loki: optional<LokiSettings>({
    deployment: maybe(deployment),
    streamRetention: optionalList<StreamRetention>({ selector: is(text), period: is(rules.duration) }),
    maxLineAge: maybe(rules.duration),
    limits: optional<LokiLimits>({
      streams: maybe(rules.wholeNumber(1, 10_000_000)),
      ingestionRate: maybe(rules.quantity),
      lineSize: maybe(rules.quantity),
      querySeries: maybe(rules.wholeNumber(1, 1_000_000)),
    }),
    multiTenancy: optional<MultiTenancy>({
      tenants: maybe(rules.listOf(text)),
      formerTenants: maybe(rules.listOf(text)),
      limits: maybe(object('limits by the name of a tenant')),
    }),
    resources: optional<Resources>(resources),
  }),
  edge: optional<EdgeSettings>(edgeSettings),
  longestOutage: maybe(rules.lasting('1s', '30d', '4h')),
});

function problem(issue: v.BaseIssue<unknown>): string {
  const option = `settings${['', ...(issue.path ?? []).map(({ key }) => String(key))].join('.')}`;
  if (issue.expected === 'never') return `${option} is not an option; allowed: ${issue.message}`;
  if (issue.input === undefined) return `${option} is missing`;
  return `${option} is ${shown(issue.input)}; allowed: ${issue.message}`;
}
