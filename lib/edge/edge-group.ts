import { Construct } from 'constructs';
import type { LogSink } from '../contracts/log-sink';
import type { ExporterSink, MetricsSink } from '../contracts/metrics-sink';
import { logSink, metricsSink } from '../core/contract-rules';
import type { Toleration } from '../core/kubernetes-rules';
import { labels, labelValue, shortDnsLabel } from '../core/option-rules';
import { type Options, type OptionTable, offered, offeredBut, optionsOf, picked } from '../core/option-table';
import { NODE_GROUP_LABEL } from '../core/placement';
import { type NodeTraffic, nodeTraffic } from '../fleet/fleet';
import { fleetGroup } from '../fleet/served-nodes';
import { verifyTraffic } from '../fleet/uplink';
import { type Device, deviceOf, deviceRule, EDGE_POD_OPTIONS } from './daemon-set';
import { EDGE_LOG_COLLECTOR_OPTIONS, EdgeLogCollector, type EdgeLogCollectorProps } from './log-collector';
import { EdgeMetricsAgent, type EdgeMetricsAgentProps, METRICS_AGENT_OPTIONS } from './metrics-agent';
import {
  EDGE_NODE_EXPORTER_OPTIONS,
  EdgeNodeExporter,
  type EdgeNodeExporterProps,
  metricsProfile,
} from './node-exporter';

/** What a DNS label holds beside it in the longest name of its objects, edge-log-collector-NAME. */
export const groupName = shortDnsLabel(44, 'north');

/** Properties for `EdgeGroup`. */
export interface EdgeGroupProps
  extends Pick<EdgeNodeExporterProps, 'interval' | 'instance' | 'textfileDirectory'> {
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
  readonly profile?: EdgeNodeExporterProps['profile'];
  /** Where metrics go; what takes remote write is sent to by an agent. */
  readonly metrics: MetricsSink;
  /** Where logs go. @default - nowhere: no log collector */
  readonly logs?: LogSink;
  /** Taints of its nodes that its pods tolerate; with an empty list, none. @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set */
  readonly tolerations?: readonly Toleration[];
  /** What its nodes send, of which more than `uplinkBudget` ends the synthesis. @default - not known, and not checked */
  readonly traffic?: NodeTraffic;
  /** How the agent of remote write works. @default - as EdgeMetricsAgent says */
  readonly agent?: GroupAgentOptions;
  /** How the log collector works. @default - as EdgeLogCollector says */
  readonly logCollector?: Partial<Omit<EdgeLogCollectorProps, 'sink'>>;
}

/** Options of EdgeMetricsAgent that an EdgeGroup passes on as they are. */
const OF_AGENT = [
  'kubelet',
  'services',
  'targetsDirectory',
  'seriesPerTarget',
  'sending',
  'queue',
  'resources',
] as const;

/** Options of the metrics agent of a group. */
export type GroupAgentOptions = Pick<EdgeMetricsAgentProps, (typeof OF_AGENT)[number]>;

/** The options of `EdgeGroup`. */
export const EDGE_GROUP_OPTIONS = {
  name: { rule: groupName, default: undefined },
  group: { rule: labelValue, derive: ({ name }) => name },
  nodeSelector: { rule: labels, derive: ({ name }) => (name ? { [NODE_GROUP_LABEL]: name } : undefined) },
  excludedNodes: EDGE_POD_OPTIONS.excludedNodes,
  tolerations: EDGE_POD_OPTIONS.tolerations,
  device: { rule: deviceRule, default: undefined },
  ...picked(EDGE_NODE_EXPORTER_OPTIONS, ['interval', 'instance', 'textfileDirectory']),
  profile: {
    rule: metricsProfile,
    derive: ({ metrics }) => (metrics.protocol === 'pushgateway' ? 'full' : 'standard'),
  },
  metrics: { rule: metricsSink },
  logs: { rule: logSink, default: undefined },
  traffic: { rule: nodeTraffic, default: undefined },
  agent: { rule: offered<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, OF_AGENT), default: undefined },
  // Lines go where `logs` says.
  logCollector: {
    rule: offeredBut<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, 'sink'),
    default: undefined,
  },
} satisfies OptionTable<EdgeGroupProps>;

type EdgeGroupOptions = Options<EdgeGroupProps, typeof EDGE_GROUP_OPTIONS>;

/**
 * What measures and sends on the nodes of one group: node_exporter, an agent where metrics are written remotely,
 * and a log collector. Scripts and whatever else is the same for all groups of a chart is there once.
 */
export class EdgeGroup extends Construct {
  /** What exporters of your own for these nodes hand their metrics to. */
  readonly sink: ExporterSink;
  /** The nodes: for exporters of your own. */
  readonly nodes: Pick<EdgeGroupProps, 'nodeSelector' | 'excludedNodes' | 'tolerations' | 'device'> & {
    readonly group?: string;
  };

  /**
   * @throws InvalidOptionError when an option is not allowed, when another group has some of its nodes, or when they
   * would send more than their budget.
   */
  constructor(scope: Construct, id: string, props: EdgeGroupProps) {
    super(scope, id);
    const options = optionsOf(this, props, EDGE_GROUP_OPTIONS);
    const { group, nodeSelector, excludedNodes, tolerations } = options;
    this.nodes = { group, nodeSelector, excludedNodes, tolerations, device: deviceOf(this, options.device) };
    this.sink = this.exporterSink(options);
    const { interval, instance, textfileDirectory, profile } = options;
    if (options.traffic) this.verifyTraffic(options);
    new EdgeNodeExporter(this, 'node-exporter', {
      ...this.nodes,
      ...this.named('edge-node-exporter', options),
      ...{ interval, instance, textfileDirectory, profile, sink: this.sink },
    });
    if (options.logs) {
      new EdgeLogCollector(this, 'log-collector', {
        ...options.logCollector,
        ...this.nodes,
        ...this.named('edge-log-collector', options),
        sink: options.logs,
        metrics: this.sink.protocol === 'scrape' ? this.sink : undefined,
      });
    }
  }

  private verifyTraffic({ name, group, metrics, logCollector: logs, ...served }: EdgeGroupOptions): void {
    const nodes = { name: group ?? name ?? 'others', nodes: 1, transport: metrics.protocol, logs };
    const { interval, profile, traffic, agent } = served;
    verifyTraffic(this.node.path, fleetGroup({ ...nodes, interval, profile, traffic, agent }));
  }

  private exporterSink(options: EdgeGroupOptions): ExporterSink {
    const { metrics, interval, profile, agent } = options;
    if (metrics.protocol === 'pushgateway') return metrics;
    return new EdgeMetricsAgent(this, 'metrics-agent', {
      ...agent,
      ...this.nodes,
      ...this.named('edge-metrics-agent', options),
      ...{ interval, profile, sink: metrics },
    });
  }

  private named(family: string, { name }: EdgeGroupOptions): { name: string; family: string } {
    return { name: name ? `${family}-${name}` : family, family };
  }
}
