import type { MetricsSink } from '../../contracts/metrics-sink';
import type { Duration } from '../../core/units';
import type { EdgeComponent } from '../edge-component';
import type { MetricsProfile } from '../node-exporter';
import { EdgeMetricsAgent } from './edge-metrics-agent';
import { AGENT_SETTINGS, type AgentSettings, GROUP_AGENT, type GroupAgent } from './group-agent';
import { METRICS_AGENT_THRESHOLDS, type MetricsAgentThresholds, metricsAgentRules } from './rules';

/** Options of a group that the metrics agent reads. */
export interface AgentOfGroup extends GroupAgent {
  readonly metrics: MetricsSink;
  readonly interval?: Duration;
  readonly profile?: MetricsProfile;
}

/** The metrics agent of edge nodes as a component of an environment, which exists if there is a gateway. */
export const metricsAgentComponent = {
  thresholds: METRICS_AGENT_THRESHOLDS,
  rules: ({ gateway }, limits) => (gateway ? [metricsAgentRules(limits)] : []),
  options: GROUP_AGENT,
  settings: { nodes: AGENT_SETTINGS },
  optionsFor: ({ agent }) => ({ agent }),
  nodesProblems: ({ agent }, { path, transports }) =>
    agent === undefined || transports.includes('remote-write')
      ? []
      : [
          `${path}.agent has no effect under the transport "${transports.join('" and "')}"; allowed: transport "remote-write" in ${path}, or remove it`,
        ],
  makeAgents: (scope, edge) => {
    const { agent, interval, profile, metrics } = edge.options;
    if (metrics.protocol !== 'remote-write') return [];
    return [
      new EdgeMetricsAgent(scope, 'metrics-agent', {
        ...agent,
        ...edge.agentPlace('edge-metrics-agent'),
        ...{ interval, profile, sink: metrics },
      }),
    ];
  },
} satisfies EdgeComponent<MetricsAgentThresholds, { readonly gateway?: string }, AgentOfGroup, AgentSettings>;
