import type { Construct } from 'constructs';
import { issuedCertificate } from '../access/basic-auth-ingress-options';
import { certificateMetrics } from '../access/certificate-metrics';
import { rateLimit } from '../access/guard-options';
import { ingressController } from '../access/ingress-controller';
import { ALERTMANAGER_OPTIONS } from '../cloud/alertmanager';
import { GRAFANA_OPTIONS, type GrafanaProps } from '../cloud/grafana';
import { LOKI_OPTIONS, type LokiStackProps } from '../cloud/loki';
import { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps } from '../cloud/metrics-gateway';
import { PROMETHEUS_OPTIONS, type PrometheusProps } from '../cloud/prometheus';
import { PUSHGATEWAY_OPTIONS, type PushgatewayProps } from '../cloud/pushgateway';
import type { Transport } from '../contracts/metrics-sink';
import { commonAnnotations, commonLabels } from '../core/common-metadata';
import { groupNames } from '../core/groups';
import { cloudNodesRule } from '../core/host';
import { imageOptions } from '../core/image-rules';
import * as rules from '../core/option-rules';
import { type OptionTable, offered, optionsRule } from '../core/option-table';
import { namespacesRule, privateCaRule, secretStoreRule } from '../core/platform-options';
import { alertName, runbooksAddress } from '../core/rule-rules';
import { alertOverride } from '../core/rule-set';
import { schedulingRule } from '../core/scheduling';
import { anything, entries, options, required } from '../core/structure-rules';
import { invalid, problemsOf } from '../core/validation';
import { destination } from '../gitops/argo-cd-applications';
import { gitPath, gitRepository, gitRevision } from '../gitops/git-rules';
import { edgeSettings } from './edge-schema';
import type { EdgeSettings } from './edge-settings';
import { thresholdOptions } from './environment-rules';
import {
  type AlertSettings,
  type GitOpsSettings,
  type Hosts,
  type IngressSettings,
  OFFERED,
  type PushgatewaySettings,
  type Retention,
  type SecretNames,
  type Settings,
  type StorageSettings,
} from './settings';
import { withoutEffect } from './settings-effects';
import { relationProblems } from './settings-relations';

/**
 * Checks settings before any construct is made, so that a misspelt option is an error and not a
 * default, also where nobody checks types.
 *
 * @param byDefault the transport of nodes for which the settings name none
 * @throws InvalidOptionError that names each setting, what was given and what is allowed.
 */
export function checkSettings(
  scope: Construct,
  settings: Settings,
  byDefault: Transport = 'pushgateway',
): void {
  const own = problemsOf('settings', settings, schema);
  const problems = own.length ? own : [...relationProblems(settings), ...withoutEffect(settings, byDefault)];
  if (problems.length) throw invalid(scope, problems.join('; '));
}

/** The settings of a chart; `checkSettings` checks each of them. */
export const settingsOption = required({ ...anything, allowed: 'the settings of an environment' });

/** The settings `hosts`. */
export const HOSTS = {
  metrics: { rule: rules.hostName },
  logs: { rule: rules.hostName },
  grafana: { rule: rules.hostName, default: undefined },
} satisfies OptionTable<Hosts>;

/** The settings `retention`: an option of each of two components. */
export const RETENTION = {
  metrics: PROMETHEUS_OPTIONS.retention,
  metricsSize: PROMETHEUS_OPTIONS.retentionSize,
  outOfOrderWindow: PROMETHEUS_OPTIONS.outOfOrderWindow,
  logs: LOKI_OPTIONS.retention,
} satisfies OptionTable<Retention>;

/** The settings `storage`: the volume of each component. */
export const STORAGE = {
  className: { rule: rules.objectName, default: undefined },
  prometheus: PROMETHEUS_OPTIONS.storage,
  loki: LOKI_OPTIONS.storage,
  grafana: GRAFANA_OPTIONS.storage,
  pushgateway: PUSHGATEWAY_OPTIONS.storage,
  metricsGateway: METRICS_GATEWAY_OPTIONS.storage,
  alertmanager: ALERTMANAGER_OPTIONS.storage,
} satisfies OptionTable<StorageSettings>;
const pushgateway = offered<PushgatewayProps>(PUSHGATEWAY_OPTIONS, OFFERED.pushgateway);

const schema = options<Settings>({
  cluster: required(rules.labelValue),
  kubernetesVersion: rules.kubernetesVersion,
  hosts: required(optionsRule<Hosts>(HOSTS)),
  namespaces: namespacesRule,
  sharedNamespaces: rules.yesOrNo,
  retention: optionsRule<Retention>(RETENTION),
  storage: optionsRule<StorageSettings>(STORAGE),
  secrets: options<SecretNames>({
    pushUsers: rules.objectName,
    pushCredentials: rules.objectName,
    logsUsers: rules.objectName,
    logsCredentials: rules.objectName,
    grafanaUsers: rules.objectName,
    grafanaAdmin: rules.objectName,
    grafana: rules.objectName,
    receivers: rules.objectName,
  }),
  ingress: options<IngressSettings>({
    controller: ingressController,
    tls: issuedCertificate,
    certificateMetrics: certificateMetrics,
    rateLimit,
    groups: groupNames,
  }),
  nodeCidrs: rules.someOf(rules.cidr),
  cloudNodes: cloudNodesRule,
  scheduling: schedulingRule,
  commonLabels,
  commonAnnotations,
  images: imageOptions,
  imagePullSecrets: rules.distinctOf(rules.objectName),
  privateCa: privateCaRule,
  secretStore: secretStoreRule,
  receivers: anything,
  alerts: options<AlertSettings>({
    thresholds: thresholdOptions,
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
    exporters: pushgateway,
    services: pushgateway,
  }),
  prometheus: offered<PrometheusProps>(PROMETHEUS_OPTIONS, OFFERED.prometheus),
  metricsGateway: offered<MetricsGatewayProps>(METRICS_GATEWAY_OPTIONS, OFFERED.metricsGateway),
  grafana: offered<GrafanaProps>(GRAFANA_OPTIONS, OFFERED.grafana),
  loki: offered<LokiStackProps>(LOKI_OPTIONS, OFFERED.loki),
  edge: options<EdgeSettings>(edgeSettings),
  longestOutage: rules.lasting('1s', '30d', '4h'),
});
