import { Construct } from 'constructs';
import type { ExporterSink, MetricsSink } from '../contracts/metrics-sink';
import { metricsSink } from '../core/contract-rules';
import type { Toleration } from '../core/kubernetes-rules';
import { labels, labelValue, shortDnsLabel } from '../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../core/option-table';
import { NODE_GROUP_LABEL } from '../core/placement';
import { type NodeTraffic, nodeTraffic } from '../fleet/fleet';
import { fleetGroup } from '../fleet/served-nodes';
import { verifyTraffic } from '../fleet/uplink';
import { COMPONENT_OPTIONS, type ComponentOptions } from './components';
import { type Device, deviceOf, deviceRule, EDGE_POD_OPTIONS } from './daemon-set';
import type { GroupNodes } from './edge-component';
import { type EdgeExporterOptions, EXPORTER_OPTIONS } from './exporter';
import { GroupAgents } from './group-agents';
import { type MetricsProfile, metricsProfile } from './node-exporter';

/** What a DNS label holds beside it in the longest name of its objects, edge-log-collector-NAME. */
export const groupName = shortDnsLabel(44, 'north');

/** Properties for `EdgeGroup`. */
export interface EdgeGroupProps extends Pick<EdgeExporterOptions, 'interval'>, ComponentOptions {
  /** The end of its objects' names. @default - nothing: nodes that no other group serves */
  readonly name?: string;
  /**
   * The label `group` of what its nodes measure and log and, where the sinks know groups, whose user its nodes are.
   * @default - its name
   */
  readonly group?: string;
  /**
   * Labels that its nodes carry.
   * @default - those of KubeEdge's NodeGroup of its name; without a name, every edge node
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Labels with values that its nodes do not carry, since others serve those. @default - none */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  /** How its devices differ from a Debian with systemd. @default - as the nearest scope says, else not at all */
  readonly device?: Device;
  /** What is collected and kept. @default - "full" for a Pushgateway, "standard" for remote write */
  readonly profile?: MetricsProfile;
  /** Where metrics go; what takes remote write is sent to by an agent. */
  readonly metrics: MetricsSink;
  /** Taints of its nodes that its pods tolerate; with an empty list, none. @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set */
  readonly tolerations?: readonly Toleration[];
  /** What its nodes send, of which more than `uplinkBudget` ends the synthesis. @default - not known, and not checked */
  readonly traffic?: NodeTraffic;
}

/** The options of `EdgeGroup`. */
export const EDGE_GROUP_OPTIONS = {
  name: { rule: groupName, default: undefined },
  group: { rule: labelValue, derive: ({ name }) => name },
  nodeSelector: { rule: labels, derive: ({ name }) => (name ? { [NODE_GROUP_LABEL]: name } : undefined) },
  excludedNodes: EDGE_POD_OPTIONS.excludedNodes,
  tolerations: EDGE_POD_OPTIONS.tolerations,
  device: { rule: deviceRule, default: undefined },
  interval: EXPORTER_OPTIONS.interval,
  profile: {
    rule: metricsProfile,
    derive: ({ metrics }) => (metrics.protocol === 'pushgateway' ? 'full' : 'standard'),
  },
  metrics: { rule: metricsSink },
  traffic: { rule: nodeTraffic, default: undefined },
  ...COMPONENT_OPTIONS,
} satisfies OptionTable<EdgeGroupProps>;

type EdgeGroupOptions = Options<EdgeGroupProps, typeof EDGE_GROUP_OPTIONS>;

/**
 * What measures and sends on the nodes of one group: the agents of all components. Scripts and whatever else is the same for
 * all groups of a chart is there once.
 */
export class EdgeGroup extends Construct {
  /** What exporters of your own for these nodes hand their metrics to. */
  readonly sink: ExporterSink;
  /** The nodes: for exporters of your own. */
  readonly nodes: GroupNodes;

  /**
   * @throws InvalidOptionError when an option is not allowed, when another group has some of its nodes, or when they
   * would send more than their budget.
   */
  constructor(scope: Construct, id: string, props: EdgeGroupProps) {
    super(scope, id);
    const options = optionsOf(this, props, EDGE_GROUP_OPTIONS);
    const { name, group, nodeSelector, excludedNodes, tolerations } = options;
    this.nodes = { group, nodeSelector, excludedNodes, tolerations, device: deviceOf(this, options.device) };
    this.verifyTraffic(options);
    this.sink = new GroupAgents(this, { name, ...this.nodes }, options).sink;
  }

  private verifyTraffic({ name, group, metrics, logCollector: logs, ...served }: EdgeGroupOptions): void {
    const { interval, profile, traffic, agent } = served;
    if (!traffic) return;
    const nodes = { name: group ?? name ?? 'others', nodes: 1, transport: metrics.protocol, logs };
    verifyTraffic(this.node.path, fleetGroup({ ...nodes, interval, profile, traffic, agent }));
  }
}
