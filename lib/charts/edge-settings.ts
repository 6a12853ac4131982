import type { Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import type { EdgeComponentSettings } from '../edge/components';
import type { Device } from '../edge/daemon-set';
import type { EdgeGroupProps } from '../edge/edge-group';
import type { MetricsProfile } from '../edge/node-exporter';
import type { NodeTraffic } from '../fleet/fleet';
import type { Freshness } from './freshness';

/** Settings for edge nodes. */
export interface EdgeSettings extends ForwardedNodeSettings, EdgeComponentSettings {
  /**
   * Age of metrics when they arrive in the cloud, for nodes with the transport `remote-write`. Fresher metrics need
   * more uplink traffic. The value sets `interval`, `profile` and `agent.sending.batchWait`, which you cannot set at
   * the same time.
   *
   * - `fresh`: interval "10s", profile "standard", batchWait "25s"
   * - `balanced`: interval "10s", profile "standard", batchWait "54s"
   * - `frugal`: interval "30s", profile "standard", batchWait "2m"
   * @default - `interval`, `profile` and `agent.sending.batchWait` have their own defaults
   */
  readonly freshness?: Freshness;
  /** Scrape interval of the exporters on a node. @default "10s" */
  readonly interval?: Duration;
  /**
   * Value of the label `group` of metrics and log lines. If `ingress.groups` is set, `ingress.groups` must contain this
   * value.
   * @default - no label `group`
   */
  readonly group?: string;
  /**
   * Transport of metrics. `pushgateway` pushes after each scrape and loses the scrapes during an outage.
   * `remote-write` sends batches, keeps the samples of an outage in a queue on the device, and needs a fraction of the
   * traffic.
   * @default "pushgateway"
   */
  readonly transport?: Transport;
  /**
   * Profile of node_exporter, which determines the collected metrics.
   * @default - "full" for Pushgateway, "standard" for remote write
   */
  readonly profile?: MetricsProfile;
  /**
   * Properties of devices. Only set properties that differ from Debian with systemd or, in a group, from
   * `edge.device`.
   * @default - Debian with systemd
   */
  readonly device?: Device;
  /**
   * Labels that a node must have, in addition to KubeEdge's label for edge nodes.
   * @default - all edge nodes that belong to no group
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Source of the list of nodes for alerts and recording rules. `api-server`: the API server, through
   * kube-state-metrics. `pushes`: all nodes that send metrics, up to the maximum number in the threshold
   * `unlistedNodes`. Use `pushes` if the nodes belong to another cluster.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /**
   * Number of nodes and their traffic. The sizes of components are computed from these values.
   * @default - components have their default sizes
   */
  readonly fleet?: FleetSettings;
  /** Node groups with their own settings. @default - no groups */
  readonly groups?: readonly EdgeGroupSettings[];
}

/**
 * Settings of one node group. If a group does not set an option, the group inherits the option from `edge`, except for
 * `fleet` and `nodeSelector`. Each property and each port of `device` is inherited separately. A group that sets
 * another option, such as `logs` or `agent`, inherits no part of that option.
 */
export interface EdgeGroupSettings
  extends Omit<EdgeSettings, 'group' | 'groups' | 'membership' | 'nodeSelector'> {
  /**
   * Name of the group: value of the label `group`, and suffix of object names. If `ingress.groups` is set,
   * `ingress.groups` must contain this name.
   */
  readonly name: string;
  /**
   * Labels that select the nodes of the group.
   * @default - the label of KubeEdge's NodeGroup, such as `apps.kubeedge.io/belonging-to: north`
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** Number and traffic of the nodes in a group, or of the nodes that belong to no group. */
export interface FleetSettings extends NodeTraffic {
  /** Number of nodes. */
  readonly nodes: number;
}

/** Options of `EdgeGroup` that the settings accept and forward unchanged. */
export const FORWARDED_GROUP_OPTIONS = ['interval', 'profile', 'tolerations', 'device'] as const;

/** Settings that are forwarded to `EdgeGroup`. */
type ForwardedNodeSettings = Pick<EdgeGroupProps, (typeof FORWARDED_GROUP_OPTIONS)[number]>;
