import { INGRESS_OPTIONS, issuedCertificate } from '../access/basic-auth-ingress-options';
import { certificateMetrics } from '../access/certificate-metrics';
import { ALERTMANAGER_OPTIONS } from '../cloud/alertmanager';
import { dnsLabel, hostName, objectName } from '../core/option-rules';
import { type OptionTable, optionsRule, pickOptions } from '../core/option-table';
import { PLATFORM_OPTIONS } from '../core/platform-options';
import { alertName } from '../core/rule-rules';
import { alertOverride, RULE_OPTIONS } from '../core/rule-set';
import { mapRule } from '../core/structure-rules';
import { longestOutage } from '../fleet/fleet';
import { ARGO_CD_OPTIONS } from '../gitops/argo-cd-applications';
import { mergeSettingValidationRules, THRESHOLDS, type Thresholds } from './components';
import type { EdgeSettings } from './edge-settings';
import { EDGE_SETTINGS } from './edge-tables';
import {
  type AlertSettings,
  FORWARDED_PLATFORM_OPTIONS,
  type GitOpsSettings,
  type Hosts,
  type IngressSettings,
  type Retention,
  type SecretNames,
  type Settings,
  type StorageSettings,
} from './settings';

/** Validation rules of the settings `hosts`. */
export const HOSTS = {
  metrics: { rule: hostName },
  ...mergeSettingValidationRules('hosts'),
} satisfies OptionTable<Hosts>;

/** Validation rules of the settings `retention`. */
export const RETENTION = mergeSettingValidationRules('retention') satisfies OptionTable<Retention>;

/** Validation rules of the settings `storage`. */
export const STORAGE = {
  className: { rule: objectName, default: undefined },
  ...mergeSettingValidationRules('storage'),
} satisfies OptionTable<StorageSettings>;

/** Validation rules of the settings `secrets`. */
export const SECRETS = {
  pushUsers: { rule: objectName, default: 'push-users' },
  pushCredentials: { rule: objectName, default: 'push-credentials' },
  ...mergeSettingValidationRules('secrets'),
} satisfies OptionTable<SecretNames>;

/** Validation rules of the settings `ingress`, which apply to each public host. */
export const INGRESS = {
  ...pickOptions(INGRESS_OPTIONS, ['controller', 'rateLimit', 'groups', 'authentication']),
  tls: { rule: issuedCertificate, default: undefined },
  certificateMetrics: { rule: certificateMetrics, default: undefined },
} satisfies OptionTable<IngressSettings>;

/** Validation rules of the settings `alerts`. The checks of `valuesAndChecksOfRoutingOptions` validate the routing. */
export const ALERTS = {
  ...pickOptions(ALERTMANAGER_OPTIONS, ['routes', 'heartbeat', 'timeIntervals']),
  runbooks: RULE_OPTIONS.runbooks,
  overrides: { rule: mapRule(alertName, alertOverride), default: {} },
  thresholds: { rule: optionsRule<Partial<Thresholds>>(THRESHOLDS), default: {} },
} satisfies OptionTable<AlertSettings>;

/** Validation rules of the settings `gitOps`. */
export const GIT_OPS = {
  ...ARGO_CD_OPTIONS,
  name: { rule: dnsLabel, default: undefined },
} satisfies OptionTable<GitOpsSettings>;

/** Validation rules of the settings of an environment. */
export const SETTINGS = {
  cluster: { rule: PLATFORM_OPTIONS.cluster.rule },
  ...pickOptions(PLATFORM_OPTIONS, FORWARDED_PLATFORM_OPTIONS),
  ...mergeSettingValidationRules('own'),
  hosts: { rule: optionsRule<Hosts>(HOSTS) },
  retention: { rule: optionsRule<Retention>(RETENTION), default: {} },
  storage: { rule: optionsRule<StorageSettings>(STORAGE), default: {} },
  secrets: { rule: optionsRule<SecretNames>(SECRETS), default: {} },
  ingress: { rule: optionsRule<IngressSettings>(INGRESS), default: {} },
  alerts: { rule: optionsRule<AlertSettings>(ALERTS), default: {} },
  gitOps: { rule: optionsRule<GitOpsSettings>(GIT_OPS), default: undefined },
  edge: { rule: optionsRule<EdgeSettings>(EDGE_SETTINGS), default: {} },
  longestOutage: { rule: longestOutage, default: '1h' },
} satisfies OptionTable<Settings>;
