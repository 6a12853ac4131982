import type { Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import type { EdgeComponentSettings } from '../edge/components';
import type { Device } from '../edge/daemon-set';
import type { EdgeGroupProps } from '../edge/edge-group';
import type { MetricsProfile } from '../edge/node-exporter';
import type { NodeTraffic } from '../fleet/fleet';
import type { Freshness } from './freshness';

/** Settings for edge nodes. */
export interface EdgeSettings extends NodesSettings, EdgeComponentSettings {
  /**
   * Freshness of metrics with the transport `remote-write`, traded against uplink traffic. It sets
   * `interval`, `profile` and `agent.sending.batchWait`, which cannot be set at the same time: `fresh` "10s",
   * "standard" and "25s", `balanced` "10s", "standard" and "54s", `frugal` "30s", "standard" and "2m".
   * @default - not set; the three options have their own defaults
   */
  readonly freshness?: Freshness;
  /** Scrape interval of each node's metrics. @default "10s" */
  readonly interval?: Duration;
  /**
   * Node group: label of metrics and log lines, and one of `ingress.groups`, if there are any.
   * @default - none
   */
  readonly group?: string;
  /**
   * Transport of metrics. `pushgateway`: pushed after each scrape; scrapes during an outage are lost.
   * `remote-write`: sent in batches from a queue on the device, with a fraction of the traffic.
   * @default "pushgateway"
   */
  readonly transport?: Transport;
  /** Profile of node_exporter: which metrics of a node are collected. @default - "full" for Pushgateway, "standard" for remote write */
  readonly profile?: MetricsProfile;
  /**
   * Properties of devices that differ from Debian with systemd; a group only needs to state what differs from
   * all nodes.
   * @default - none
   */
  readonly device?: Device;
  /** Labels that a node must have in addition to KubeEdge's. @default - every edge node without a group */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Source of the list of nodes, for alerts and recording rules: the API server, through kube-state-metrics,
   * or `"pushes"`, if the nodes belong to another cluster: then all nodes that send metrics, up to the
   * threshold `unlistedNodes`.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /**
   * Number of nodes and their traffic, from which sizes are computed.
   * @default - unknown; constructs have their default sizes
   */
  readonly fleet?: FleetSettings;
  /** Node groups with settings of their own. @default - none */
  readonly groups?: readonly EdgeGroupSettings[];
}

/** A node group with settings of its own; settings that are not given are those of all nodes. */
export interface EdgeGroupSettings
  extends Omit<EdgeSettings, 'group' | 'groups' | 'membership' | 'nodeSelector'> {
  /** Value of the label `group`, and suffix of object names; one of `ingress.groups`, if there are any. */
  readonly name: string;
  /**
   * The label that selects the group's nodes.
   * @default - that of KubeEdge's NodeGroup with the group's name
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** Number and traffic of the nodes of a group, or of those without a group. */
export interface FleetSettings extends NodeTraffic {
  /** Number of nodes. */
  readonly nodes: number;
}

/** Options of EdgeGroup, other than those of its agents, that settings forward. */
export const OFFERED_OF_GROUP = ['interval', 'profile', 'tolerations', 'device'] as const;

/** Settings that are forwarded to EdgeGroup. */
type NodesSettings = Pick<EdgeGroupProps, (typeof OFFERED_OF_GROUP)[number]>;
