import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { LogSink } from '../contracts/log-sink';
import type { ExporterSink, MetricsSink, Transport } from '../contracts/metrics-sink';
import { logSink, metricsSink } from '../core/contract-rules';
import { nonEmptyListRuleWithSingleError } from '../core/option-rules';
import { type OptionTable, pickOptions, validateAndApplyDefaults } from '../core/option-table';
import { PodNamespace } from '../core/pod-namespace';
import type { Rule } from '../core/validation';
import { edgeComponents } from '../edge/components';
import { setDeviceForScope } from '../edge/daemon-set';
import { EdgeGroup, type EdgeGroupProps } from '../edge/edge-group';
import type { EdgeMetricsAgent } from '../edge/metrics-agent';
import type { NodeTraffic } from '../fleet/fleet';
import { settingsOption } from './check-settings';
import { type FleetSettings, FORWARDED_GROUP_OPTIONS } from './edge-settings';
import { selectMetricsSink } from './edge-sinks';
import { validateSettingsAndDefinePlatform } from './environment-platform';
import { nodeGroupsWithInheritedSettings, type ResolvedNodeGroup } from './node-groups';
import type { Settings } from './settings';
import { resolveQueueOptionsOfGroup } from './sizes';

/** Properties for `EdgeChart`. */
export interface EdgeChartProps {
  /** Settings of the environment. */
  readonly settings: Settings;
  /**
   * Sinks for metrics: `sinks` of a `CloudChart`, `fromPushgateway()` or `fromRemoteWrite()`. Pass one sink for each
   * transport that the settings use. If you pass only one sink, its transport is the default of the setting
   * `transport`.
   */
  readonly metrics: MetricsSink | readonly MetricsSink[];
  /** Sink for logs: `logs` of a `CloudChart`, or `fromLoki()`. @default - no log collector is created */
  readonly logs?: LogSink;
}

const oneOrMoreSinks: Rule = {
  allowed: `${metricsSink.allowed}, or a list of one or more of these sinks`,
  accepts: (value) =>
    metricsSink.accepts(value) || nonEmptyListRuleWithSingleError(metricsSink).accepts(value),
};

/** Validation rules of the options of `EdgeChart`. */
export const EDGE_CHART_OPTIONS = {
  settings: settingsOption,
  metrics: { rule: oneOrMoreSinks },
  logs: { rule: logSink, default: undefined },
} satisfies OptionTable<EdgeChartProps>;

/** Chart for the edge side of an environment: the agents on every edge node. */
export class EdgeChart extends Chart {
  /** Sink for your own exporters on nodes that belong to no group: a Pushgateway, or the metrics agent. */
  readonly sink: ExporterSink;
  /**
   * Metrics agent of the nodes that belong to no group. To make a service on these nodes push to the agent, call
   * `agent.connect(workload)`. `undefined` if metrics go to a Pushgateway.
   */
  readonly agent?: EdgeMetricsAgent;
  /** Node groups in the settings, by name. */
  readonly groups: ReadonlyMap<string, EdgeGroup>;

  /**
   * @throws InvalidOptionError when a setting is invalid, no sink supports a transport, or two groups can select the
   * same nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeChartProps) {
    super(scope, id);
    validateAndApplyDefaults(this, props, EDGE_CHART_OPTIONS);
    const { namespaces } = validateSettingsAndDefinePlatform(
      this,
      props.settings,
      findTransportOfSingleSink(props),
    );
    setDeviceForScope(this, props.settings.edge?.device ?? {});
    // A NetworkPolicy has no effect on edge nodes: agents use the host network, or nodes do not enforce policies.
    new PodNamespace(this, 'namespace', {
      name: namespaces.edge,
      podSecurity: 'privileged',
      denyTraffic: false,
    });
    const [others, ...groups] = nodeGroupsWithInheritedSettings(props.settings.edge);
    this.groups = new Map(groups.map((group) => [group.name, this.createEdgeGroup(group, props)]));
    const ungrouped = new EdgeGroup(this, 'others', {
      ...this.edgeGroupProps(others, props),
      group: others.group,
      nodeSelector: others.nodeSelector,
      excludedNodes: groups.length ? nodeSelectorValuesByLabelName(groups) : undefined,
    });
    this.sink = ungrouped.sink;
    this.agent = ungrouped.agent;
  }

  private createEdgeGroup(group: ResolvedNodeGroup, props: EdgeChartProps): EdgeGroup {
    const { name, nodeSelector } = group;
    return new EdgeGroup(this, `group-${name}`, { ...this.edgeGroupProps(group, props), name, nodeSelector });
  }

  private edgeGroupProps(
    settings: ResolvedNodeGroup,
    { metrics, logs, settings: { longestOutage, edge } }: EdgeChartProps,
  ): EdgeGroupProps {
    const { fleet } = settings;
    return {
      ...pickOptions(settings, FORWARDED_GROUP_OPTIONS),
      ...Object.assign({}, ...edgeComponents.map((component) => component.toGroupOptions?.(settings))),
      metrics: selectMetricsSink(this, [metrics].flat(), settings, edge),
      logs,
      traffic: fleet && nodeTrafficFromFleetSettings(fleet),
      agent: {
        ...settings.agent,
        queue: resolveQueueOptionsOfGroup(this.node.path, settings, longestOutage),
      },
    };
  }
}

/** Returns the traffic of one node: the settings of a fleet without the number of nodes. */
const nodeTrafficFromFleetSettings = ({ nodes: _, ...traffic }: FleetSettings): NodeTraffic => traffic;

/** Returns all values of each label in the node selectors of the groups, such as `{ site: ['north', 'south'] }`. */
function nodeSelectorValuesByLabelName(groups: readonly ResolvedNodeGroup[]): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const { nodeSelector = {} } of groups) {
    for (const [key, value] of Object.entries(nodeSelector)) {
      all[key] ??= [];
      all[key].push(value);
    }
  }
  return all;
}

/**
 * Returns the transport of the sink if there is a single sink, and `undefined` otherwise. The result is the default of
 * the setting `transport`.
 */
function findTransportOfSingleSink({ metrics }: EdgeChartProps): Transport | undefined {
  const sinks = [metrics].flat();
  return sinks.length === 1 ? sinks[0]?.protocol : undefined;
}
