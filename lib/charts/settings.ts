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

/** What components add to a part of the settings. */
type PartOf<Part extends keyof ComponentSettings> = NonNullable<ComponentSettings[Part]>;

/** The public DNS names of an environment. */
export interface Hosts extends PartOf<'hosts'> {
  /** Where the edge pushes metrics. */
  readonly metrics: string;
}

/** How long metrics and logs are kept. */
export interface Retention extends PartOf<'retention'> {}

/** Volumes of the cloud side. */
export interface StorageSettings extends PartOf<'storage'> {
  /** Storage class of all volumes. @default - the cluster's default class */
  readonly className?: string;
}

/** Names of the Secrets that are made outside of this project; no secret stands in the manifests. */
export interface SecretNames extends PartOf<'secrets'> {
  /** Cloud: the users that may push metrics, as the ingress controller reads them. @default "push-users" */
  readonly pushUsers?: string;
  /** Edge: name and password of the user that pushes metrics. @default "push-credentials" */
  readonly pushCredentials?: string;
}

/** How the edge's pushes get in. */
export interface IngressSettings {
  /** The controller that the cluster has. @default - ingress-nginx as its manifests install it */
  readonly controller?: IngressController;
  /** The certificates of all hosts. @default - a Secret for each host: `push-tls`, `logs-tls`, `grafana-tls` */
  readonly tls?: Exclude<Tls, { secretName: string }>;
  /**
   * What says when certificates end, for the alert CertificateExpiring.
   * @default - cert-manager's metrics where `tls` names an issuer; otherwise nothing, and no alert
   */
  readonly certificateMetrics?: readonly ScrapeTarget[];
  /** How often one user may push. @default - no limit */
  readonly rateLimit?: RateLimit;
  /** Groups of nodes that push as users of their own, so that one can be cut off. @default - all are one group */
  readonly groups?: readonly string[];
}

/** What one environment is: a small object in a file of environments/, which `npm run init` writes. */
export interface Settings extends PlatformSettings, ComponentSettings {
  /** Name of the cluster: the label `cluster` of every sample and log line. */
  readonly cluster: string;
  readonly hosts: Hosts;
  readonly retention?: Retention;
  readonly storage?: StorageSettings;
  readonly secrets?: SecretNames;
  readonly ingress?: IngressSettings;
  /** What alerts compare with, which are changed or left out, and where their runbooks are. @default - as in docs/alerts.md */
  readonly alerts?: AlertSettings;
  readonly edge?: EdgeSettings;
  /** The longest time without a link, or without the cloud, in which nothing is to be lost. @default "1h" */
  readonly longestOutage?: Duration;
  /** By which Argo CD applies what was committed, see GitOpsChart. @default - none: the manifests are applied otherwise */
  readonly gitOps?: GitOpsSettings;
}

/** Where Argo CD finds the manifests, and where it applies them. */
export type GitOpsSettings = Omit<ArgoCdApplicationsProps, 'name'> & {
  /** Name of the AppProject, and beginning of the names of the Applications. @default - "observability-" and the cluster */
  readonly name?: string;
};

/** How an environment is watched. */
export interface AlertSettings extends Omit<RuleOptions, 'overrides'>, Omit<Routing, 'receivers'> {
  /** Alerts of this project to change or to leave out, by name. @default - none */
  readonly overrides?: Readonly<Partial<Record<AlertName, AlertOverride>>>;
  /** Figures that alerts compare with. @default - those of docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
}

/** Options of the platform that settings pass on as they are. */
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

/** The cluster that an environment is for. */
export type PlatformSettings = Pick<PlatformProps, (typeof OFFERED_OF_PLATFORM)[number]>;
