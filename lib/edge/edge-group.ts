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
import { EdgeMetricsAgent } from './metrics-agent';
import { type MetricsProfile, metricsProfile } from './node-exporter';

/**
 * Rule for the name of a group, such that the longest object name, edge-log-collector-NAME, is a DNS label.
 */
export const groupName = shortDnsLabel(44, 'north');

/** Properties for `EdgeGroup`. */
export interface EdgeGroupProps extends Pick<EdgeExporterOptions, 'interval'>, ComponentOptions {
  /** Suffix of the objects' names. @default - none; for nodes without a group */
  readonly name?: string;
  /**
   * Value of the label `group` of metrics and log lines and, if the sinks have groups, the user to send as.
   * @default - `name`
   */
  readonly group?: string;
  /**
   * Labels that the group's nodes have.
   * @default - that of KubeEdge's NodeGroup with this name; without a name, every edge node
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Labels with values that the group's nodes do not have, such as those of other groups. @default - none */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  /**
   * Properties of the devices that differ from Debian with systemd.
   * @default - those of the nearest scope that defines any
   */
  readonly device?: Device;
  /** Metrics to collect and keep. @default - "full" for a Pushgateway, "standard" for remote write */
  readonly profile?: MetricsProfile;
  /** Sink for metrics; a remote-write sink is served by a metrics agent. */
  readonly metrics: MetricsSink;
  /**
   * Taints that the pods tolerate; with an empty list, none.
   * @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set
   */
  readonly tolerations?: readonly Toleration[];
  /**
   * Traffic of the nodes. The synthesis fails if it exceeds `uplinkBudget`.
   * @default - unknown and not checked
   */
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
 * Agents for a group of edge nodes: those of all components. Scripts and other objects that are the same for
 * all groups are created once per chart.
 */
export class EdgeGroup extends Construct {
  /** Sink for your own exporters on these nodes. */
  readonly sink: ExporterSink;
  /**
   * Metrics agent of these nodes, to which their services push: `agent.connect(workload)`.
   * @default - none, if metrics go to a Pushgateway
   */
  readonly agent?: EdgeMetricsAgent;
  /** The nodes, as options for your own exporters. */
  readonly nodes: GroupNodes;

  /**
   * @throws InvalidOptionError when an option is invalid, another group shares some of the nodes, or the
   * nodes would exceed their uplink budget.
   */
  constructor(scope: Construct, id: string, props: EdgeGroupProps) {
    super(scope, id);
    const options = optionsOf(this, props, EDGE_GROUP_OPTIONS);
    const { name, group, nodeSelector, excludedNodes, tolerations } = options;
    this.nodes = { group, nodeSelector, excludedNodes, tolerations, device: deviceOf(this, options.device) };
    this.verifyTraffic(options);
    const { sink } = new GroupAgents(this, { name, ...this.nodes }, options);
    this.sink = sink;
    if (sink instanceof EdgeMetricsAgent) this.agent = sink;
  }

  private verifyTraffic({ name, group, metrics, logCollector: logs, ...served }: EdgeGroupOptions): void {
    const { interval, profile, traffic, agent } = served;
    if (!traffic) return;
    const nodes = { name: group ?? name ?? 'others', nodes: 1, transport: metrics.protocol, logs };
    verifyTraffic(this.node.path, fleetGroup({ ...nodes, interval, profile, traffic, agent }));
  }
}
