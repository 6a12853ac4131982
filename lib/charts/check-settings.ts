import type { Construct } from 'constructs';
import { rateLimit } from '../access/basic-auth-ingress-options';
import { certificateMetrics } from '../access/certificate-metrics';
import { ingressController } from '../access/ingress-controller';
import type { StreamRetention } from '../cloud/loki-config';
import { lokiDeployment } from '../cloud/loki-deployment';
import { lokiLimits } from '../cloud/loki-limits';
import { streamSelector } from '../cloud/loki-options';
import { multiTenancy } from '../cloud/loki-tenants';
import { pushLimitOptions, reaperOptions } from '../cloud/pushgateway-options';
import { groupNames } from '../core/groups';
import { cloudNodesRule } from '../core/host';
import { imageOptions } from '../core/image-rules';
import { resources } from '../core/kubernetes-rules';
import * as rules from '../core/option-rules';
import { namespacesRule, privateCaRule, secretStoreRule } from '../core/platform-options';
import { alertName, alertOverride, runbooksAddress } from '../core/rule-set';
import { shardCount } from '../core/shards';
import { anything, each, entries, type OptionTable, options, required } from '../core/structure-rules';
import { invalid, problemsOf, type Rule } from '../core/validation';
import { seriesLimits } from '../fleet/series-limits';
import { destination } from '../gitops/argo-cd-applications';
import { gitPath, gitRepository, gitRevision } from '../gitops/git-rules';
import { edgeSettings } from './edge-schema';
import type { EdgeSettings } from './edge-settings';
import { THRESHOLDS } from './environment-rules';
import type {
  AlertSettings,
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
import { withoutEffect } from './settings-effects';
import { relationProblems } from './settings-relations';

/**
 * Checks settings before anything is made of them, so that a misspelt option is an error and not a
 * default, also where nobody checks types.
 *
 * @param byDefault the transport of nodes for which the settings name none
 * @throws InvalidOptionError that names each setting, what was given and what is allowed.
 */
export function checkSettings(
  scope: Construct,
  settings: Settings,
  byDefault: EdgeSettings['transport'] = 'pushgateway',
): void {
  const own = problemsOf('settings', settings, schema);
  const problems = own.length ? own : [...relationProblems(settings), ...withoutEffect(settings, byDefault)];
  if (problems.length) throw invalid(scope, problems.join('; '));
}

const tls: Rule = {
  allowed: '{ clusterIssuer: "name" } or { issuer: "name" } of cert-manager',
  accepts: (value) => {
    const [[kind, name] = [], ...more] = Object.entries(value ?? {});
    return (kind === 'clusterIssuer' || kind === 'issuer') && rules.objectName.accepts(name) && !more.length;
  },
};

const pushgateway: OptionTable<SharedPushgateway> = {
  shards: shardCount,
  formerShards: shardCount,
  reaper: reaperOptions,
  scrapeInterval: rules.interval,
  limits: pushLimitOptions,
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
  namespaces: namespacesRule,
  sharedNamespaces: rules.yesOrNo,
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
    rateLimit,
    groups: groupNames,
  }),
  nodeCidrs: rules.someOf(rules.cidr),
  cloudNodes: cloudNodesRule,
  images: imageOptions,
  imagePullSecrets: rules.listOf(rules.objectName),
  privateCa: privateCaRule,
  secretStore: secretStoreRule,
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
    limits: seriesLimits,
    samplesPerSecond: rules.wholeNumber(1, 100_000_000),
    resources: resources,
  }),
  loki: options<LokiSettings>({
    deployment: lokiDeployment,
    streamRetention: each(
      options<StreamRetention>({ selector: required(streamSelector), period: required(rules.duration) }),
    ),
    maxLineAge: rules.duration,
    limits: lokiLimits,
    multiTenancy,
    resources: resources,
  }),
  edge: options<EdgeSettings>(edgeSettings),
  longestOutage: rules.lasting('1s', '30d', '4h'),
});
