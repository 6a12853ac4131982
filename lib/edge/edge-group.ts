import { Construct } from 'constructs';
import type { ExporterSink, MetricsSink } from '../contracts/metrics-sink';
import { metricsSink } from '../core/contract-rules';
import type { Toleration } from '../core/kubernetes-rules';
import { labels, labelValue, shortDnsLabelRule } from '../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { NODE_GROUP_LABEL } from '../core/placement';
import { type NodeTraffic, nodeTraffic } from '../fleet/fleet';
import { toFleetGroupWithDefaults } from '../fleet/planned-group';
import { validateGroupAndUplinkBudget } from '../fleet/uplink';
import { COMPONENT_OPTIONS, type ComponentOptions } from './components';
import { type Device, deviceRule, EDGE_POD_OPTIONS, resolveDeviceProperties } from './daemon-set';
import type { GroupNodes } from './edge-component';
import { type EdgeExporterOptions, EXPORTER_OPTIONS } from './exporter';
import { GroupAgents } from './group-agents';
import { EdgeMetricsAgent } from './metrics-agent';
import { type MetricsProfile, metricsProfile } from './node-exporter';

/**
 * Validation rule for the name of a group. A name has at most 44 characters, so that the longest object name,
 * `edge-log-collector-NAME`, is still a DNS label of at most 63 characters.
 */
export const groupName = shortDnsLabelRule(44, 'north');

/** Properties for `EdgeGroup`. */
export interface EdgeGroupProps extends Pick<EdgeExporterOptions, 'interval'>, ComponentOptions {
  /**
   * Name of the group and suffix of the objects' names, such as `edge-metrics-agent-north`.
   * @default - no suffix; omit the name only for the nodes that belong to no named group
   */
  readonly name?: string;
  /**
   * Value of the label `group` of metrics and log lines. If the sinks have credentials for each group, the agents
   * authenticate with the credentials of this group.
   * @default - `name`
   */
  readonly group?: string;
  /**
   * Labels that a node must have to belong to the group.
   * @default - the label that KubeEdge sets on the nodes of the NodeGroup with this name; without a name, every edge
   * node belongs to the group
   */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Labels that exclude nodes from this group. Keys are names of labels. A node is excluded if its label has one of the
   * listed values. Use this option to exclude the nodes of other groups.
   * @default - no node is excluded
   */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  /**
   * Properties in which the devices differ from Debian with systemd, such as `stateDirectory`.
   * @default - the properties that the nearest parent scope defines
   */
  readonly device?: Device;
  /** Metrics to collect and keep. @default - "full" for a Pushgateway, "standard" for remote write */
  readonly profile?: MetricsProfile;
  /** Sink for metrics. For a remote-write sink, the group runs a metrics agent on each node. */
  readonly metrics: MetricsSink;
  /**
   * Taints that the pods tolerate. With an empty list, the pods tolerate no taint.
   * @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set
   */
  readonly tolerations?: readonly Toleration[];
  /**
   * Expected traffic of the nodes. The synthesis fails if the estimated traffic of a node exceeds
   * `traffic.uplinkBudget`.
   * @default - the traffic is not estimated
   */
  readonly traffic?: NodeTraffic;
}

/** Validation rules and defaults of `EdgeGroupProps`. */
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
 * All agents of a group of edge nodes: metrics agent (for remote write), node_exporter, and log collector (if `logs` is
 * set). Objects that are the same for all groups, such as ConfigMaps with scripts, are created once per chart.
 */
export class EdgeGroup extends Construct {
  /** Sink for your own exporters on the nodes of the group. */
  readonly sink: ExporterSink;
  /**
   * Metrics agent of the nodes of the group. Call `agent.connect(workload)` to let a service on the nodes push to the agent.
   * @default - not set if the nodes push to a Pushgateway
   */
  readonly agent?: EdgeMetricsAgent;
  /** Options that select the nodes of the group. Spread them into the props of your own exporters. */
  readonly nodes: GroupNodes;

  /**
   * @throws InvalidOptionError when an option is invalid, when another group can select the same nodes, or when the
   * estimated traffic exceeds the uplink budget.
   */
  constructor(scope: Construct, id: string, props: EdgeGroupProps) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, EDGE_GROUP_OPTIONS);
    const { name, group, nodeSelector, excludedNodes, tolerations } = options;
    this.nodes = {
      group,
      nodeSelector,
      excludedNodes,
      tolerations,
      device: resolveDeviceProperties(this, options.device),
    };
    this.validateNodeTrafficAgainstUplinkBudget(options);
    const { sink } = new GroupAgents(this, { name, ...this.nodes }, options);
    this.sink = sink;
    if (sink instanceof EdgeMetricsAgent) this.agent = sink;
  }

  private validateNodeTrafficAgainstUplinkBudget({
    name,
    group,
    metrics,
    logCollector: logs,
    ...settings
  }: EdgeGroupOptions): void {
    const { interval, profile, traffic, agent } = settings;
    if (!traffic) return;
    const nodes = { name: group ?? name ?? 'others', nodes: 1, transport: metrics.protocol, logs };
    validateGroupAndUplinkBudget(
      this.node.path,
      toFleetGroupWithDefaults({ ...nodes, interval, profile, traffic, agent }),
    );
  }
}
