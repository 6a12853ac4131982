import type { RateLimit } from '../access/guard-options';
import type { IngressController, Tls } from '../access/ingress-controller';
import type { Routing } from '../cloud/alertmanager-config';
import type { LokiStackProps } from '../cloud/loki-options';
import type { MetricsGatewayProps } from '../cloud/metrics-gateway-options';
import type { PrometheusProps } from '../cloud/prometheus';
import type { PushgatewayProps } from '../cloud/pushgateway-options';
import type { Receiver } from '../cloud/receivers';
import type { PrivateCa } from '../contracts/endpoint';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { CloudNodes } from '../core/host';
import type { ImageOptions } from '../core/images';
import type { Toleration } from '../core/kubernetes-rules';
import type { Namespaces, SecretStore } from '../core/platform';
import type { RuleOptions } from '../core/rule-set';
import type { Duration, Quantity } from '../core/units';
import type { Device } from '../edge/device';
import type { EdgeLogCollectorProps } from '../edge/edge-log-collector-options';
import type { EdgeMetricsAgentProps } from '../edge/edge-metrics-agent-options';
import type { MetricsProfile } from '../edge/metrics-profile';
import type { NodeTraffic } from '../fleet/fleet';
import type { ArgoCdApplicationsProps } from '../gitops/argo-cd-applications';
import type { Thresholds } from './environment-rules';

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
export interface Settings {
  /** Name of the cluster: the label `cluster` of every sample and log line. */
  readonly cluster: string;
  /** Oldest API server that has to take the manifests; newer ones do, too. @default "1.22" */
  readonly kubernetesVersion?: `1.${number}`;
  readonly hosts: Hosts;
  /** Where objects are made. @default - monitoring, monitoring-nodes, monitoring-edge */
  readonly namespaces?: Partial<Namespaces>;
  readonly retention?: Retention;
  readonly storage?: StorageSettings;
  readonly secrets?: SecretNames;
  readonly ingress?: IngressSettings;
  /**
   * Addresses of the nodes and the API server, for NetworkPolicies. With a range of IPv6 among them, the stack uses
   * IPv6, too.
   * @default - the private IPv4 networks
   */
  readonly nodeCidrs?: readonly string[];
  /** The cloud nodes, where they differ from a Debian with systemd; for those of the edge, `edge.device`. @default - they do not */
  readonly cloudNodes?: CloudNodes;
  /** Mirror registry, and images of your own. @default - the public images of this release */
  readonly images?: ImageOptions;
  /** Secrets by which nodes log in to registries, in all three namespaces. @default - none */
  readonly imagePullSecrets?: readonly string[];
  /** An authority, in a ConfigMap of the edge's namespace, that signed the hosts' certificates. @default - a public one */
  readonly privateCa?: PrivateCa;
  /** A store from which External Secrets makes the Secrets of users and their passwords. @default - none */
  readonly secretStore?: SecretStore;
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
}

/** Where Argo CD finds the manifests, and where it applies them. */
export type GitOpsSettings = Omit<ArgoCdApplicationsProps, 'name'> & {
  /** Name of the AppProject, and beginning of the names of the Applications. @default - "observability-" and the cluster */
  readonly name?: string;
};

/** How an environment is watched. */
export interface AlertSettings extends RuleOptions, Omit<Routing, 'receivers'> {
  /** Figures that alerts compare with. @default - those of docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
}

/** How the two Pushgateways share their load, and what is deleted that nobody pushes any more. */
export interface PushgatewaySettings {
  /** That of the exporters. @default - one shard; groups are deleted a day after their last push */
  readonly exporters?: SharedPushgateway;
  /** That of business services. @default - one shard; nothing is deleted, since services push when they like */
  readonly services?: SharedPushgateway;
}

/** What can be said of each Pushgateway. */
export type SharedPushgateway = Pick<
  PushgatewayProps,
  'shards' | 'formerShards' | 'reaper' | 'scrapeInterval' | 'limits' | 'resources'
>;

/** What Prometheus takes. */
export type PrometheusSettings = Pick<PrometheusProps, 'resources'>;

/** What the gateway of remote write takes, and how much it lets through. */
export type MetricsGatewaySettings = Pick<
  MetricsGatewayProps,
  'replicas' | 'limits' | 'samplesPerSecond' | 'resources'
>;

/** How Loki runs, and how much it takes. */
export type LokiSettings = Pick<
  LokiStackProps,
  'deployment' | 'streamRetention' | 'maxLineAge' | 'limits' | 'multiTenancy' | 'resources'
>;

/** What the edge does. */
export interface EdgeSettings {
  /** How often each node's metrics are measured. @default "10s" */
  readonly interval?: Duration;
  /** The group of the nodes: a label of metrics and lines, and one of `ingress.groups`, if any. @default - none */
  readonly group?: string;
  /**
   * How the metrics of nodes travel. `pushgateway`: as they are measured, and what is measured while the link is
   * down is lost. `remote-write`: in batches, from a queue on the device, in a fraction of the bytes.
   * @default "pushgateway"
   */
  readonly transport?: 'pushgateway' | 'remote-write';
  /** What is measured of a node. @default - "full" for Pushgateway, "standard" for remote write */
  readonly profile?: MetricsProfile;
  /** What the agent of the transport `remote-write` reads beside exporters, and how it sends; refused where no nodes have it. @default - its own */
  readonly agent?: EdgeAgentSettings;
  /** What the label `instance` holds: the node's name, or its address and the exporter's port. @default "node" */
  readonly instance?: 'node' | 'address';
  /**
   * How devices differ from a Debian with systemd; a group says only what differs from all others.
   * @default - not at all
   */
  readonly device?: Device;
  /** A folder of each node whose text files are exported too. @default - none */
  readonly textfileDirectory?: string;
  /** Labels that a node must carry beside KubeEdge's own. @default - every edge node that is in no group */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * What says which nodes the fleet has, for alerts and figures: the API server, by kube-state-metrics, or `"pushes"`,
   * where the nodes are of another cluster: then it is the nodes that send metrics, up to the threshold `unlistedNodes`.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /** Taints of the nodes. @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set */
  readonly tolerations?: readonly Toleration[];
  /** How many nodes there are and what they send, from which sizes are computed. @default - nobody knows */
  readonly fleet?: FleetSettings;
  /** Groups of nodes that are served in another way. @default - all nodes are served as is said here */
  readonly groups?: readonly EdgeGroupSettings[];
  /** Which lines of its containers are sent, by which program, and how. @default - all lines */
  readonly logs?: EdgeLogSettings;
}

/** Nodes that are served in a way of their own; what is not said here is as for all others. */
export interface EdgeGroupSettings
  extends Omit<EdgeSettings, 'group' | 'groups' | 'membership' | 'nodeSelector'> {
  /** The label `group`, and the end of the names of its objects; one of `ingress.groups`, if any. */
  readonly name: string;
  /** The one label that its nodes carry. @default - that of KubeEdge's NodeGroup of the group's name */
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** Nodes of one group, or of none, as sizes are computed from them. */
export interface FleetSettings extends NodeTraffic {
  /** How many there are. */
  readonly nodes: number;
}

/** What the metrics agent of the edge does. */
export type EdgeAgentSettings = Pick<
  EdgeMetricsAgentProps,
  'kubelet' | 'services' | 'targetsDirectory' | 'seriesPerTarget' | 'sending' | 'queue'
>;

/** What the log collector of the edge does. */
export type EdgeLogSettings = Pick<
  EdgeLogCollectorProps,
  'agent' | 'streamLabels' | 'keep' | 'drop' | 'multiline' | 'sending' | 'logRoots'
>;
