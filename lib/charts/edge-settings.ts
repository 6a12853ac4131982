import type { Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import type { EdgeComponentSettings } from '../edge/components';
import type { Device } from '../edge/daemon-set';
import type { EdgeGroupProps } from '../edge/edge-group';
import type { MetricsProfile } from '../edge/node-exporter';
import type { NodeTraffic } from '../fleet/fleet';
import type { Freshness } from './freshness';

/** What the edge does. */
export interface EdgeSettings extends NodesSettings, EdgeComponentSettings {
  /**
   * How old what the cloud knows of a node may be, for the transport `remote-write`. It sets `interval`, `profile` and
   * `agent.sending.batchWait` together, which are refused beside it: `fresh` "10s", "standard" and "25s", `balanced` "10s",
   * "standard" and "54s", `frugal` "30s", "standard" and "2m".
   * @default - as those three say
   */
  readonly freshness?: Freshness;
  /** How often each node's metrics are measured. @default "10s" */
  readonly interval?: Duration;
  /** The group of the nodes: a label of metrics and lines, and one of `ingress.groups`, if any. @default - none */
  readonly group?: string;
  /**
   * How the metrics of nodes travel. `pushgateway`: as they are measured, and what is measured while the link is
   * down is lost. `remote-write`: in batches, from a queue on the device, in a fraction of the bytes.
   * @default "pushgateway"
   */
  readonly transport?: Transport;
  /** What is measured of a node. @default - "full" for Pushgateway, "standard" for remote write */
  readonly profile?: MetricsProfile;
  /**
   * How devices differ from a Debian with systemd; a group says only what differs from all others.
   * @default - not at all
   */
  readonly device?: Device;
  /** Labels that a node must carry beside KubeEdge's own. @default - every edge node that is in no group */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * What says which nodes the fleet has, for alerts and figures: the API server, by kube-state-metrics, or `"pushes"`,
   * where the nodes are of another cluster: then it is the nodes that send metrics, up to the threshold `unlistedNodes`.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /** How many nodes there are and what they send, from which sizes are computed. @default - not known: the default sizes of the constructs */
  readonly fleet?: FleetSettings;
  /** Groups of nodes that are served in another way. @default - all nodes are served as is said here */
  readonly groups?: readonly EdgeGroupSettings[];
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

/** Options of a group, beside those of its agents, that settings pass on as they are. */
export const OFFERED_OF_GROUP = ['interval', 'profile', 'tolerations', 'device'] as const;

/** What an EdgeGroup takes. */
type NodesSettings = Pick<EdgeGroupProps, (typeof OFFERED_OF_GROUP)[number]>;
