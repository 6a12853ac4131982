import type { MetricsSink } from '../../contracts/metrics-sink';
import type { Duration } from '../../core/units';
import type { EdgeComponent } from '../edge-component';
import type { MetricsProfile } from '../node-exporter';
import { EdgeMetricsAgent } from './edge-metrics-agent';
import { AGENT_SETTINGS, type AgentSettings, GROUP_AGENT, type GroupAgent } from './group-agent';
import {
  alertAndRecordingRulesAboutMetricsAgent,
  METRICS_AGENT_THRESHOLDS,
  type MetricsAgentThresholds,
} from './rules';

/** Options of `EdgeGroup` that the metrics agent's component reads. */
export interface AgentOfGroup extends GroupAgent {
  readonly metrics: MetricsSink;
  readonly interval?: Duration;
  readonly profile?: MetricsProfile;
}

/**
 * Component of the metrics agent on edge nodes: options, rules and agents. The component has rules only in
 * environments with a metrics gateway, to which the agents send.
 */
export const metricsAgentComponent = {
  thresholds: METRICS_AGENT_THRESHOLDS,
  rules: ({ gateway }, limits) => (gateway ? [alertAndRecordingRulesAboutMetricsAgent(limits)] : []),
  options: GROUP_AGENT,
  settings: { nodes: AGENT_SETTINGS },
  toGroupOptions: ({ agent }) => ({ agent }),
  nodesSettingsProblems: ({ agent }, { path, transports }) =>
    agent === undefined || transports.includes('remote-write')
      ? []
      : [
          `${path}.agent has no effect with the transport "${transports.join('" and "')}"; set the transport in ${path} to "remote-write", or remove ${path}.agent`,
        ],
  createAgents: (scope, edge) => {
    const { agent, interval, profile, metrics } = edge.options;
    if (metrics.protocol !== 'remote-write') return [];
    return [
      new EdgeMetricsAgent(scope, 'metrics-agent', {
        ...agent,
        ...edge.agentNameAndNodes('edge-metrics-agent'),
        ...{ interval, profile, sink: metrics },
      }),
    ];
  },
} satisfies EdgeComponent<MetricsAgentThresholds, { readonly gateway?: string }, AgentOfGroup, AgentSettings>;
