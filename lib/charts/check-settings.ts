import type { Construct } from 'constructs';
import { certificateMetrics } from '../access/certificate-metrics';
import type { RateLimit } from '../access/guard-options';
import { ingressController } from '../access/ingress-controller';
import type { StreamRetention } from '../cloud/loki-config';
import type { LokiDeployment } from '../cloud/loki-deployment';
import { lokiLimits } from '../cloud/loki-limits';
import { streamSelector } from '../cloud/loki-options';
import { type MultiTenancy, tenant } from '../cloud/loki-tenants';
import { PUSH_LIMIT_RULES, type PushLimitOptions, type ReaperOptions } from '../cloud/pushgateway-options';
import { groupNames } from '../core/groups';
import { cloudNodesRule } from '../core/host';
import { imageLock } from '../core/image-lock';
import { image } from '../core/image-reference';
import { type ImageArchitectures, type ImageOptions, images } from '../core/images';
import { ownNamespace, resources } from '../core/kubernetes-rules';
import { imageMirror } from '../core/mirrors';
import * as rules from '../core/option-rules';
import { architectures } from '../core/placement';
import type { Namespaces, SecretStore } from '../core/platform';
import { alertName, alertOverride, runbooksAddress } from '../core/rule-set';
import { shardCount } from '../core/shards';
import {
  anything,
  each,
  entries,
  falseOr,
  type OptionTable,
  options,
  required,
} from '../core/structure-rules';
import { invalid, problemsOf, type Rule } from '../core/validation';
import { SERIES_LIMIT_RULES, type SeriesLimits } from '../fleet/series-limits';
import { destination } from '../gitops/argo-cd-applications';
import { gitPath, gitRepository, gitRevision } from '../gitops/git-rules';
import { edgeSettings } from './edge-schema';
import { THRESHOLDS } from './environment-rules';
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
  const own = problemsOf('settings', settings, schema);
  const problems = own.length ? own : relationProblems(settings);
  if (problems.length) throw invalid(scope, problems.join('; '));
}

const imageOverrides = Object.fromEntries(Object.keys(images).map((name) => [name, image]));

const tls: Rule = {
  allowed: '{ clusterIssuer: "name" } or { issuer: "name" } of cert-manager',
  accepts: (value) => {
    const [[kind, name] = [], ...more] = Object.entries(value ?? {});
    return (kind === 'clusterIssuer' || kind === 'issuer') && rules.objectName.accepts(name) && !more.length;
  },
};

const deployment: Rule = {
  allowed: 'singleBinary() or replicated({ objectStorage: { bucket: "name" } })',
  accepts: (value) => ['singleBinary', 'replicated'].includes((value as LokiDeployment)?.mode),
};

const pushgateway: OptionTable<SharedPushgateway> = {
  shards: shardCount,
  formerShards: shardCount,
  reaper: falseOr(
    options<ReaperOptions>({
      after: rules.duration,
      settling: rules.duration,
      interval: rules.interval,
    }),
  ),
  scrapeInterval: rules.interval,
  limits: options<PushLimitOptions>({
    seriesPerNode: PUSH_LIMIT_RULES.seriesPerNode,
    series: PUSH_LIMIT_RULES.series,
    nodes: PUSH_LIMIT_RULES.nodes,
  }),
  resources: resources,
};

const schema = options<Settings>({
  cluster: required(rules.labelValue),
  kubernetesVersion: rules.kubernetesVersion,
  hosts: required(
    options<Hosts>({
      metrics: required(rules.hostName),
      logs: required(rules.hostName),
      grafana: rules.hostName,
    }),
  ),
  namespaces: options<Partial<Namespaces>>({
    cloud: ownNamespace,
    nodes: ownNamespace,
    edge: ownNamespace,
  }),
  retention: options<Retention>({
    metrics: rules.duration,
    metricsSize: rules.quantity,
    outOfOrderWindow: rules.duration,
    logs: rules.duration,
  }),
  storage: options<StorageSettings>({
    className: rules.objectName,
    prometheus: rules.quantity,
    loki: rules.quantity,
    grafana: rules.quantity,
    pushgateway: rules.quantity,
    metricsGateway: rules.quantity,
    alertmanager: rules.quantity,
  }),
  secrets: options<SecretNames>({
    pushUsers: rules.objectName,
    pushCredentials: rules.objectName,
    logsUsers: rules.objectName,
    logsCredentials: rules.objectName,
    grafanaUsers: rules.objectName,
    grafanaAdmin: rules.objectName,
    receivers: rules.objectName,
  }),
  ingress: options<IngressSettings>({
    controller: ingressController,
    tls: tls,
    certificateMetrics: certificateMetrics,
    rateLimit: options<RateLimit>({
      requestsPerSecond: required(rules.wholeNumber(1, 100_000)),
      burst: rules.wholeNumber(1, 1_000_000),
    }),
    groups: groupNames,
  }),
  nodeCidrs: rules.someOf(rules.cidr),
  cloudNodes: cloudNodesRule,
  images: options<ImageOptions>({
    mirror: imageMirror,
    overrides: options(imageOverrides),
    lock: imageLock,
    architectures: options<ImageArchitectures>({ cloud: architectures, edge: architectures }),
  }),
  imagePullSecrets: rules.listOf(rules.objectName),
  privateCa: options<NonNullable<Settings['privateCa']>>({
    configMapName: required(rules.objectName),
    key: required(rules.configMapKey),
  }),
  secretStore: options<SecretStore>({
    name: required(rules.objectName),
    kind: rules.storeKind,
    prefix: rules.storePrefix,
    refreshInterval: rules.interval,
  }),
  receivers: anything,
  alerts: options<AlertSettings>({
    thresholds: options(
      Object.fromEntries(Object.entries(THRESHOLDS).map(([name, { rule }]) => [name, rule])),
    ),
    overrides: entries(alertName, alertOverride),
    runbooks: runbooksAddress,
    // With the receivers, whose names they use.
    routes: anything,
    heartbeat: anything,
    timeIntervals: anything,
  }),
  gitOps: options<GitOpsSettings>({
    name: rules.dnsLabel,
    repository: required(gitRepository),
    revision: gitRevision,
    path: required(gitPath),
    destination: destination,
    namespace: rules.dnsLabel,
    sync: rules.oneOf('automatic', 'manual'),
    serverSideApply: rules.yesOrNo,
  }),
  pushgateways: options<PushgatewaySettings>({
    exporters: options<SharedPushgateway>(pushgateway),
    services: options<SharedPushgateway>(pushgateway),
  }),
  prometheus: options<PrometheusSettings>({ resources: resources }),
  metricsGateway: options<MetricsGatewaySettings>({
    replicas: rules.wholeNumber(1, 100),
    limits: options<SeriesLimits>({
      nodes: SERIES_LIMIT_RULES.nodes,
      seriesPerNode: SERIES_LIMIT_RULES.seriesPerNode,
      mostSeriesPerNode: SERIES_LIMIT_RULES.mostSeriesPerNode,
      sharedSeries: SERIES_LIMIT_RULES.sharedSeries,
    }),
    samplesPerSecond: rules.wholeNumber(1, 100_000_000),
    resources: resources,
  }),
  loki: options<LokiSettings>({
    deployment: deployment,
    streamRetention: each(
      options<StreamRetention>({ selector: required(streamSelector), period: required(rules.duration) }),
    ),
    maxLineAge: rules.duration,
    limits: lokiLimits,
    multiTenancy: options<MultiTenancy>({
      tenants: rules.listOf(tenant),
      formerTenants: rules.listOf(tenant),
      limits: entries(tenant, lokiLimits),
    }),
    resources: resources,
  }),
  edge: options<EdgeSettings>(edgeSettings),
  longestOutage: rules.lasting('1s', '30d', '4h'),
});
