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

/** The settings that components add to one part of `Settings`, such as `hosts`. */
type PartOf<Part extends keyof ComponentSettings> = NonNullable<ComponentSettings[Part]>;

/** Public DNS names of an environment. */
export interface Hosts extends PartOf<'hosts'> {
  /** Host that edge nodes push metrics to. */
  readonly metrics: string;
}

/** Retention periods of metrics and logs. */
export interface Retention extends PartOf<'retention'> {}

/** Settings for the volumes of the cloud components. */
export interface StorageSettings extends PartOf<'storage'> {
  /** Storage class of all volumes. @default - the cluster's default storage class */
  readonly className?: string;
}

/**
 * Names of the Secrets with users and passwords. The manifests only reference the Secrets: you create them, or
 * External Secrets does if `secretStore` is set.
 */
export interface SecretNames extends PartOf<'secrets'> {
  /**
   * Secret in the cloud with the users that may push metrics, in the ingress controller's format.
   * @default "push-users"
   */
  readonly pushUsers?: string;
  /** Secret on the edge with the user name and password for pushing metrics. @default "push-credentials" */
  readonly pushCredentials?: string;
}

/** Settings for the public hosts. */
export interface IngressSettings {
  /**
   * The ingress controller of the cluster.
   * @default - `ingressNginx()` with the names in the manifests of ingress-nginx
   */
  readonly controller?: IngressController;
  /**
   * cert-manager issuer of the certificates of all hosts.
   * @default - you create a Secret for each host: `push-tls`, `logs-tls`, `grafana-tls`
   */
  readonly tls?: Exclude<Tls, { secretName: string }>;
  /**
   * Scrape targets with the expiry of certificates, for the alert CertificateExpiring.
   * @default - cert-manager if `tls` is set; otherwise the alert is not created
   */
  readonly certificateMetrics?: readonly ScrapeTarget[];
  /** Rate limit of each user. @default - no limit */
  readonly rateLimit?: RateLimit;
  /**
   * Node groups. Each group has its own user, so that you can revoke the access of one group.
   * @default - all nodes push as the same user
   */
  readonly groups?: readonly string[];
  /**
   * Authentication of edge nodes that push metrics and logs: `basicAuth()`, or `nodeCertificate()` with a
   * certificate for each node.
   * @default basicAuth()
   */
  readonly authentication?: Authentication;
}

/** Settings of an environment. Each environment has a file in `environments/`, which `npm run init` creates. */
export interface Settings extends PlatformSettings, ComponentSettings {
  /** Name of the cluster: value of the label `cluster` of every sample and log line. */
  readonly cluster: string;
  /** Public DNS names of the environment. */
  readonly hosts: Hosts;
  /** Retention periods of metrics and logs. @default - the default of each store */
  readonly retention?: Retention;
  /**
   * Storage class and sizes of the volumes.
   * @default - the cluster's default storage class and default sizes
   */
  readonly storage?: StorageSettings;
  /** Names of the Secrets with users and passwords. @default - the default name of each Secret */
  readonly secrets?: SecretNames;
  /**
   * Ingress controller, certificates, authentication and rate limit.
   * @default - ingress-nginx with Basic Auth
   */
  readonly ingress?: IngressSettings;
  /**
   * Thresholds and overrides of alerts, routes of notifications, and the base URL of runbooks.
   * @default - the thresholds in docs/alerts.md
   */
  readonly alerts?: AlertSettings;
  /** Settings of edge nodes. @default - the default of each option */
  readonly edge?: EdgeSettings;
  /** Maximum duration of an outage (of a node's uplink or of the cloud) without loss of data. @default "1h" */
  readonly longestOutage?: Duration;
  /** Argo CD configuration for `GitOpsChart`. @default - no Argo CD; you apply the manifests yourself */
  readonly gitOps?: GitOpsSettings;
}

/** Repository and destination of the manifests in Argo CD. */
export type GitOpsSettings = Omit<ArgoCdApplicationsProps, 'name'> & {
  /**
   * Name of the AppProject, and prefix of the names of the Applications.
   * @default - "observability-" and the cluster's name
   */
  readonly name?: string;
};

/** Settings of alerts. */
export interface AlertSettings extends Omit<RuleOptions, 'overrides'>, Omit<Routing, 'receivers'> {
  /** Overrides of the alerts of this project, by name. @default - no overrides */
  readonly overrides?: Readonly<Partial<Record<AlertName, AlertOverride>>>;
  /** Thresholds of alerts. @default - the defaults in docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
}

/** Options of `Platform` that the settings accept and forward unchanged. */
export const FORWARDED_PLATFORM_OPTIONS = [
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

/** Settings of the cluster that an environment runs in. */
export type PlatformSettings = Pick<PlatformProps, (typeof FORWARDED_PLATFORM_OPTIONS)[number]>;
