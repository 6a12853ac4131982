import type { RateLimit } from '../access/guard-options';
import type { IngressController, Tls } from '../access/ingress-controller';
import type { Receiver, Routing } from '../cloud/alertmanager';
import type { GrafanaProps } from '../cloud/grafana';
import type { LokiStackProps } from '../cloud/loki';
import type { MetricsGatewayProps } from '../cloud/metrics-gateway';
import type { PrometheusProps } from '../cloud/prometheus';
import type { PushgatewayProps } from '../cloud/pushgateway';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { PlatformProps } from '../core/platform-options';
import type { AlertOverride, RuleOptions } from '../core/rule-set';
import type { Duration, Quantity } from '../core/units';
import type { ArgoCdApplicationsProps } from '../gitops/argo-cd-applications';
import type { AlertName } from './alert-names';
import type { Thresholds } from './components';
import type { EdgeSettings } from './edge-settings';

/** The public DNS names of an environment. */
export interface Hosts {
  /** Where the edge pushes metrics. */
  readonly metrics: string;
  /** Where the edge pushes logs. */
  readonly logs: string;
  /** Grafana. @default - not on the Internet: reachable inside the cluster only */
  readonly grafana?: string;
}

/** How long metrics and logs are kept. */
export interface Retention {
  /** How long samples are kept. @default "15d" */
  readonly metrics?: Duration;
  /** At most so much, whatever its age. @default - four fifths of Prometheus's volume */
  readonly metricsSize?: Quantity;
  /** How late a sample may arrive: as long as an outage that nothing is to be lost in. @default "2h" */
  readonly outOfOrderWindow?: Duration;
  /** How long lines are kept. @default "30d" */
  readonly logs?: Duration;
}

/** Volumes of the cloud side. */
export interface StorageSettings {
  /** Storage class of all volumes. @default - the cluster's default class */
  readonly className?: string;
  /** Samples. @default "20Gi" - or what `edge.fleet` needs */
  readonly prometheus?: Quantity;
  /** Lines. @default "50Gi" - or what `edge.fleet` needs */
  readonly loki?: Quantity;
  /** What people change in Grafana: users, dashboards of their own. @default "2Gi" */
  readonly grafana?: Quantity;
  /** What was pushed last, of each shard. @default "2Gi" */
  readonly pushgateway?: Quantity;
  /** Samples that wait for Prometheus, of each replica. @default "5Gi" - or what `edge.fleet` needs */
  readonly metricsGateway?: Quantity;
  /** Silences, and what was told already, of each replica. @default "1Gi" */
  readonly alertmanager?: Quantity;
}

/** Names of the Secrets that are made outside of this project; no secret stands in the manifests. */
export interface SecretNames {
  /** Cloud: the users that may push metrics, as the ingress controller reads them. @default "push-users" */
  readonly pushUsers?: string;
  /** Edge: name and password of the user that pushes metrics. @default "push-credentials" */
  readonly pushCredentials?: string;
  /** Cloud: the users that may push logs. @default "logs-users" */
  readonly logsUsers?: string;
  /** Edge: name and password of the user that pushes logs. @default "logs-credentials" */
  readonly logsCredentials?: string;
  /** Cloud: the users that may reach Grafana's own login. @default "grafana-users" */
  readonly grafanaUsers?: string;
  /** Cloud: name and password of Grafana's administrator. @default "grafana-admin" */
  readonly grafanaAdmin?: string;
  /** Cloud: the values that `grafana.ini` and `grafana.dataSources` name. @default "grafana-secrets" */
  readonly grafana?: string;
  /** Cloud: the files that receivers of alerts name. @default - none */
  readonly receivers?: string;
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
export interface Settings extends PlatformSettings {
  /** Name of the cluster: the label `cluster` of every sample and log line. */
  readonly cluster: string;
  readonly hosts: Hosts;
  readonly retention?: Retention;
  readonly storage?: StorageSettings;
  readonly secrets?: SecretNames;
  readonly ingress?: IngressSettings;
  /** Who is told of alerts. @default - nobody: alerts are only shown */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
  /** What alerts compare with, which are changed or left out, and where their runbooks are. @default - as in docs/alerts.md */
  readonly alerts?: AlertSettings;
  readonly pushgateways?: PushgatewaySettings;
  /** @default - as large as `edge.fleet` needs it */
  readonly prometheus?: PrometheusSettings;
  /** Of the transport `remote-write`; refused where no nodes have it. @default - as large as `edge.fleet` needs it */
  readonly metricsGateway?: MetricsGatewaySettings;
  readonly edge?: EdgeSettings;
  /** The longest time without a link, or without the cloud, in which nothing is to be lost. @default "1h" */
  readonly longestOutage?: Duration;
  /** By which Argo CD applies what was committed, see GitOpsChart. @default - none: the manifests are applied otherwise */
  readonly gitOps?: GitOpsSettings;
  /** @default - one Loki on a volume, for a fleet of some hundred nodes */
  readonly loki?: LokiSettings;
  /** Sections of grafana.ini, more data sources, the title of the folder. @default - as the stack sets it */
  readonly grafana?: GrafanaSettings;
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

/** How the two Pushgateways share their load, and what is deleted that nobody pushes any more. */
export interface PushgatewaySettings {
  /** That of the exporters. @default - one shard; groups are deleted a day after their last push */
  readonly exporters?: SharedPushgateway;
  /**
   * That of business services; `{}` has one also where all nodes write remotely.
   * @default - one shard, of which nothing is deleted, since services push when they like; where all nodes write remotely none, since the gateway takes their pushes
   */
  readonly services?: SharedPushgateway;
}

/** Options of the platform and of components that settings pass on as they are: what each may hold is in the table of its own. */
export const OFFERED = {
  platform: [
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
  ],
  prometheus: ['logLevel', 'resources'],
  metricsGateway: ['replicas', 'limits', 'samplesPerSecond', 'resources'],
  pushgateway: ['shards', 'formerShards', 'reaper', 'scrapeInterval', 'limits', 'resources'],
  grafana: ['ini', 'dataSources', 'folder', 'resources'],
  loki: ['deployment', 'streamRetention', 'maxLineAge', 'limits', 'multiTenancy', 'resources'],
} as const;

type Offered<P, Component extends keyof typeof OFFERED> = Pick<
  P,
  (typeof OFFERED)[Component][number] & keyof P
>;

/** The cluster that an environment is for. */
export type PlatformSettings = Offered<PlatformProps, 'platform'>;

/** What can be said of each Pushgateway. */
export type SharedPushgateway = Offered<PushgatewayProps, 'pushgateway'>;

/** What Prometheus takes. */
export type PrometheusSettings = Offered<PrometheusProps, 'prometheus'>;

/** What the gateway of remote write takes, and how much it lets through. */
export type MetricsGatewaySettings = Offered<MetricsGatewayProps, 'metricsGateway'>;

/** How Grafana is configured beside what the stack sets. */
export type GrafanaSettings = Offered<GrafanaProps, 'grafana'>;

/** How Loki runs, and how much it takes. */
export type LokiSettings = Offered<LokiStackProps, 'loki'>;
