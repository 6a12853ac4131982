import { INGRESS_OPTIONS, issuedCertificate } from '../access/basic-auth-ingress-options';
import { certificateMetrics } from '../access/certificate-metrics';
import { ALERTMANAGER_OPTIONS } from '../cloud/alertmanager';
import { GRAFANA_OPTIONS, type GrafanaProps } from '../cloud/grafana';
import { LOKI_OPTIONS, type LokiStackProps } from '../cloud/loki';
import { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps } from '../cloud/metrics-gateway';
import { PROMETHEUS_OPTIONS, type PrometheusProps } from '../cloud/prometheus';
import { PUSHGATEWAY_OPTIONS, type PushgatewayProps } from '../cloud/pushgateway';
import { dnsLabel, hostName, objectName } from '../core/option-rules';
import { type OptionTable, offered, optionsRule, picked } from '../core/option-table';
import { PLATFORM_OPTIONS } from '../core/platform-options';
import { alertName } from '../core/rule-rules';
import { alertOverride, RULE_OPTIONS } from '../core/rule-set';
import { entries } from '../core/structure-rules';
import { longestOutage } from '../fleet/fleet';
import { ARGO_CD_OPTIONS } from '../gitops/argo-cd-applications';
import type { Thresholds } from './components';
import { THRESHOLDS } from './components';
import type { EdgeSettings } from './edge-settings';
import { EDGE_SETTINGS } from './edge-tables';
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

/** The settings `hosts`. */
export const HOSTS = {
  metrics: { rule: hostName },
  logs: { rule: hostName },
  grafana: { rule: hostName, default: undefined },
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
  className: { rule: objectName, default: undefined },
  prometheus: PROMETHEUS_OPTIONS.storage,
  loki: LOKI_OPTIONS.storage,
  grafana: GRAFANA_OPTIONS.storage,
  pushgateway: PUSHGATEWAY_OPTIONS.storage,
  metricsGateway: METRICS_GATEWAY_OPTIONS.storage,
  alertmanager: ALERTMANAGER_OPTIONS.storage,
} satisfies OptionTable<StorageSettings>;

/** The settings `secrets`. */
export const SECRETS = {
  pushUsers: { rule: objectName, default: 'push-users' },
  pushCredentials: { rule: objectName, default: 'push-credentials' },
  logsUsers: { rule: objectName, default: 'logs-users' },
  logsCredentials: { rule: objectName, default: 'logs-credentials' },
  grafanaUsers: { rule: objectName, default: 'grafana-users' },
  grafanaAdmin: GRAFANA_OPTIONS.adminSecretName,
  grafana: GRAFANA_OPTIONS.secretName,
  receivers: ALERTMANAGER_OPTIONS.receiversSecretName,
} satisfies OptionTable<SecretNames>;

/** The settings `ingress`: options of the ingress of each public host. */
export const INGRESS = {
  ...picked(INGRESS_OPTIONS, ['controller', 'rateLimit', 'groups']),
  tls: { rule: issuedCertificate, default: undefined },
  certificateMetrics: { rule: certificateMetrics, default: undefined },
} satisfies OptionTable<IngressSettings>;

/** The settings `alerts`. Routes name receivers: `routingChecks` checks them together. */
export const ALERTS = {
  ...picked(ALERTMANAGER_OPTIONS, ['routes', 'heartbeat', 'timeIntervals']),
  runbooks: RULE_OPTIONS.runbooks,
  overrides: { rule: entries(alertName, alertOverride), default: {} },
  thresholds: { rule: optionsRule<Partial<Thresholds>>(THRESHOLDS), default: {} },
} satisfies OptionTable<AlertSettings>;

/** The settings `gitOps`. */
export const GIT_OPS = {
  ...ARGO_CD_OPTIONS,
  name: { rule: dnsLabel, default: undefined },
} satisfies OptionTable<GitOpsSettings>;

const pushgateway = offered<PushgatewayProps>(PUSHGATEWAY_OPTIONS, OFFERED.pushgateway);

/** The settings `pushgateways`. */
export const PUSHGATEWAYS = {
  exporters: { rule: pushgateway, default: {} },
  services: { rule: pushgateway, default: undefined },
} satisfies OptionTable<PushgatewaySettings>;

/** The settings of an environment. */
export const SETTINGS = {
  cluster: { rule: PLATFORM_OPTIONS.cluster.rule },
  ...picked(PLATFORM_OPTIONS, OFFERED.platform),
  hosts: { rule: optionsRule<Hosts>(HOSTS) },
  retention: { rule: optionsRule<Retention>(RETENTION), default: {} },
  storage: { rule: optionsRule<StorageSettings>(STORAGE), default: {} },
  secrets: { rule: optionsRule<SecretNames>(SECRETS), default: {} },
  ingress: { rule: optionsRule<IngressSettings>(INGRESS), default: {} },
  receivers: ALERTMANAGER_OPTIONS.receivers,
  alerts: { rule: optionsRule<AlertSettings>(ALERTS), default: {} },
  gitOps: { rule: optionsRule<GitOpsSettings>(GIT_OPS), default: undefined },
  pushgateways: { rule: optionsRule<PushgatewaySettings>(PUSHGATEWAYS), default: {} },
  prometheus: { rule: offered<PrometheusProps>(PROMETHEUS_OPTIONS, OFFERED.prometheus), default: {} },
  metricsGateway: {
    rule: offered<MetricsGatewayProps>(METRICS_GATEWAY_OPTIONS, OFFERED.metricsGateway),
    default: undefined,
  },
  grafana: { rule: offered<GrafanaProps>(GRAFANA_OPTIONS, OFFERED.grafana), default: {} },
  loki: { rule: offered<LokiStackProps>(LOKI_OPTIONS, OFFERED.loki), default: {} },
  edge: { rule: optionsRule<EdgeSettings>(EDGE_SETTINGS), default: {} },
  longestOutage: { rule: longestOutage, default: '1h' },
} satisfies OptionTable<Settings>;
