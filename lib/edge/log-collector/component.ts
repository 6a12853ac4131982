import type { LogAgent } from '../../agents/log-agent';
import { logAgentsWith } from '../../agents/log-agents';
import type { Component } from '../../core/component';
import { LOG_AGENT_THRESHOLDS, type LogAgentThresholds, logAgentRules } from './agent.rules';
import { logsDashboard } from './dashboard';
import { LOG_THRESHOLDS, type LogThresholds, logRules } from './rules';

/** The log collector of edge nodes, as an environment knows it: where there is a gateway, metrics agents read it. */
export const edgeLogCollectorComponent: Component<
  LogThresholds & LogAgentThresholds,
  { readonly gateway?: string; readonly logAgents?: readonly LogAgent[] }
> = {
  thresholds: { ...LOG_AGENT_THRESHOLDS, ...LOG_THRESHOLDS },
  rules: ({ gateway, logAgents }, limits) =>
    gateway ? [logAgentRules(limits, logAgentsWith(logAgents))] : [],
  logRules: (_, limits) => [logRules(limits)],
  dashboards: ({ logAgents }) => [logsDashboard(logAgentsWith(logAgents))],
};
