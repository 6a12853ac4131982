import type { Authentication } from '../access/authentication';
import type { RateLimit } from '../access/guard-options';
import type { IngressController, Tls } from '../access/ingress-controller';
import type { Routing } from '../cloud/alertmanager';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { PlatformProps } from '../core/platform-options';
import type { AlertOverride, RuleOptions } from '../core/rule-set';
import type { Duration } from '../core/units';
import type { ArgoCdApplicationsProps } from '../gitops/argo-cd-applications';
import type { AlertName } from './alert-names';
import type { ComponentSettings, Thresholds } from './components';
import type { EdgeSettings } from './edge-settings';

/** The settings that components add to a part of the settings. */
type PartOf<Part extends keyof ComponentSettings> = NonNullable<ComponentSettings[Part]>;

/** Public DNS names of an environment. */
export interface Hosts extends PartOf<'hosts'> {
  /** Host that edge nodes push metrics to. */
  readonly metrics: string;
}

/** Retention periods of metrics and logs. */
export interface Retention extends PartOf<'retention'> {}

/** Volumes of the cloud side. */
export interface StorageSettings extends PartOf<'storage'> {
  /** Storage class of all volumes. @default - the cluster's default class */
  readonly className?: string;
}

/** Names of the Secrets, which you create; the manifests contain no secrets. */
export interface SecretNames extends PartOf<'secrets'> {
  /** Cloud: users that may push metrics, in the ingress controller's format. @default "push-users" */
  readonly pushUsers?: string;
  /** Edge: user name and password for pushing metrics. @default "push-credentials" */
  readonly pushCredentials?: string;
}

/** Settings for the public hosts. */
export interface IngressSettings {
  /** The cluster's ingress controller. @default - ingress-nginx as installed by its manifests */
  readonly controller?: IngressController;
  /** Certificates of all hosts. @default - a Secret for each host: `push-tls`, `logs-tls`, `grafana-tls` */
  readonly tls?: Exclude<Tls, { secretName: string }>;
  /**
   * Scrape targets with the expiry of certificates, for the alert CertificateExpiring.
   * @default - cert-manager, if `tls` names an issuer; otherwise none, and no alert
   */
  readonly certificateMetrics?: readonly ScrapeTarget[];
  /** Rate limit per user. @default - no limit */
  readonly rateLimit?: RateLimit;
  /**
   * Node groups that push as users of their own, so that access can be revoked per group.
   * @default - all nodes are one group
   */
  readonly groups?: readonly string[];
  /**
   * Authentication of edge nodes that push metrics and logs: `basicAuth()`, or `nodeCertificate()` with a certificate of each node.
   * @default basicAuth()
   */
  readonly authentication?: Authentication;
}

/** Settings of an environment: an object in a file of environments/, which `npm run init` creates. */
export interface Settings extends PlatformSettings, ComponentSettings {
  /** Name of the cluster, and value of the label `cluster` of every sample and log line. */
  readonly cluster: string;
  readonly hosts: Hosts;
  readonly retention?: Retention;
  readonly storage?: StorageSettings;
  readonly secrets?: SecretNames;
  readonly ingress?: IngressSettings;
  /**
   * Thresholds and overrides of alerts, routes, and the base URL of runbooks.
   * @default - as in docs/alerts.md
   */
  readonly alerts?: AlertSettings;
  readonly edge?: EdgeSettings;
  /** Longest outage of a node's link, or of the cloud, without loss of data. @default "1h" */
  readonly longestOutage?: Duration;
  /** Argo CD configuration for GitOpsChart. @default - none; you apply the manifests otherwise */
  readonly gitOps?: GitOpsSettings;
}

/** Argo CD's source and destination of the manifests. */
export type GitOpsSettings = Omit<ArgoCdApplicationsProps, 'name'> & {
  /**
   * Name of the AppProject, and prefix of the names of the Applications.
   * @default - "observability-" and the cluster's name
   */
  readonly name?: string;
};

/** Settings for alerts. */
export interface AlertSettings extends Omit<RuleOptions, 'overrides'>, Omit<Routing, 'receivers'> {
  /** Overrides of alerts of this project, by name. @default - none */
  readonly overrides?: Readonly<Partial<Record<AlertName, AlertOverride>>>;
  /** Thresholds of alerts. @default - those of docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
}

/** Options of the platform that settings forward. */
export const OFFERED_OF_PLATFORM = [
  'kubernetesVersion',
  'namespaces',
  'sharedNamespaces',
  'nodeCidrs',
  'cloudNodes',
  'scheduling',
  'commonLabels',
  'commonAnnotations',
  'images',
  'imagePullSecrets',
  'privateCa',
  'secretStore',
] as const;

/** Settings for the cluster of an environment. */
export type PlatformSettings = Pick<PlatformProps, (typeof OFFERED_OF_PLATFORM)[number]>;
