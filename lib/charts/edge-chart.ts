import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { LogSink } from '../contracts/log-sink';
import type { ExporterSink, MetricsSink, Transport } from '../contracts/metrics-sink';
import { logSink, metricsSink } from '../core/contract-rules';
import { nonEmptyListOf } from '../core/option-rules';
import { type OptionTable, optionsOf, pickOptions } from '../core/option-table';
import { PodNamespace } from '../core/pod-namespace';
import type { Rule } from '../core/validation';
import { edgeComponents } from '../edge/components';
import { defineDevice } from '../edge/daemon-set';
import { EdgeGroup, type EdgeGroupProps } from '../edge/edge-group';
import type { EdgeMetricsAgent } from '../edge/metrics-agent';
import type { NodeTraffic } from '../fleet/fleet';
import { settingsOption } from './check-settings';
import { type FleetSettings, OFFERED_OF_GROUP } from './edge-settings';
import { metricsSinkOf } from './edge-sinks';
import { definePlatform } from './environment-platform';
import { type ServedGroup, servedGroups } from './served-groups';
import type { Settings } from './settings';
import { queueFor } from './sizes';

/** Properties for `EdgeChart`. */
export interface EdgeChartProps {
  readonly settings: Settings;
  /**
   * Sinks for metrics: `sinks` of a CloudChart, `fromPushgateway` or `fromRemoteWrite`; one for each
   * transport in the settings. A single sink determines the transport where the settings have none.
   */
  readonly metrics: MetricsSink | readonly MetricsSink[];
  /** Sink for logs: `logs` of a CloudChart, or `fromLoki`. @default - none; no log collector is created */
  readonly logs?: LogSink;
}

const oneOrMoreSinks: Rule = {
  allowed: `${metricsSink.allowed}, or a list of at least one of them`,
  accepts: (value) => metricsSink.accepts(value) || nonEmptyListOf(metricsSink).accepts(value),
};

/** The options of `EdgeChart`. */
export const EDGE_CHART_OPTIONS = {
  settings: settingsOption,
  metrics: { rule: oneOrMoreSinks },
  logs: { rule: logSink, default: undefined },
} satisfies OptionTable<EdgeChartProps>;

/** The edge side of an environment: agents on every edge node. */
export class EdgeChart extends Chart {
  /** Sink for your own exporters: the Pushgateway, or the metrics agent of nodes without a group. */
  readonly sink: ExporterSink;
  /**
   * Metrics agent of nodes without a group, to which their services push: `agent.connect(workload)`.
   * @default - none, if metrics go to a Pushgateway
   */
  readonly agent?: EdgeMetricsAgent;
  /** Node groups of the settings, by name. */
  readonly groups: ReadonlyMap<string, EdgeGroup>;

  /**
   * @throws InvalidOptionError when a setting is invalid, no sink supports a transport, or two groups share
   * nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeChartProps) {
    super(scope, id);
    optionsOf(this, props, EDGE_CHART_OPTIONS);
    const { namespaces } = definePlatform(this, props.settings, singleTransportOf(props));
    defineDevice(this, props.settings.edge?.device ?? {});
    // No policy is needed: agents run on the host's network, or on nodes where policies are not enforced.
    new PodNamespace(this, 'namespace', {
      name: namespaces.edge,
      podSecurity: 'privileged',
      denyTraffic: false,
    });
    const [others, ...groups] = servedGroups(props.settings.edge);
    this.groups = new Map(groups.map((group) => [group.name, this.makeGroup(group, props)]));
    const ungrouped = new EdgeGroup(this, 'others', {
      ...this.groupProps(others, props),
      group: others.group,
      nodeSelector: others.nodeSelector,
      excludedNodes: groups.length ? selectorLabels(groups) : undefined,
    });
    this.sink = ungrouped.sink;
    this.agent = ungrouped.agent;
  }

  private makeGroup(group: ServedGroup, props: EdgeChartProps): EdgeGroup {
    const { name, nodeSelector } = group;
    return new EdgeGroup(this, `group-${name}`, { ...this.groupProps(group, props), name, nodeSelector });
  }

  private groupProps(
    settings: ServedGroup,
    { metrics, logs, settings: { longestOutage, edge } }: EdgeChartProps,
  ): EdgeGroupProps {
    const { fleet } = settings;
    return {
      ...pickOptions(settings, OFFERED_OF_GROUP),
      ...Object.assign({}, ...edgeComponents.map((component) => component.optionsFor?.(settings))),
      metrics: metricsSinkOf(this, [metrics].flat(), settings, edge),
      logs,
      traffic: fleet && trafficOf(fleet),
      agent: { ...settings.agent, queue: queueFor(this.node.path, settings, longestOutage) },
    };
  }
}

/** Returns the traffic of each node, without the number of nodes. */
const trafficOf = ({ nodes: _, ...traffic }: FleetSettings): NodeTraffic => traffic;

/** Returns the labels of all groups, with their values. */
function selectorLabels(groups: readonly ServedGroup[]): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const { nodeSelector = {} } of groups) {
    for (const [key, value] of Object.entries(nodeSelector)) {
      all[key] ??= [];
      all[key].push(value);
    }
  }
  return all;
}

/** Returns the default transport: that of the only sink. */
function singleTransportOf({ metrics }: EdgeChartProps): Transport | undefined {
  const sinks = [metrics].flat();
  return sinks.length === 1 ? sinks[0]?.protocol : undefined;
}
