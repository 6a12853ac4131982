import type { LogAgent } from '../../agents/log-agent';
import {
  agentNeedsApiServerProblems,
  allLogAgents,
  defaultLogAgent,
  problemsOfOptionsUnsupportedByAgent,
} from '../../agents/log-agents';
import type { ThresholdTable } from '../../core/thresholds';
import type { EdgeComponent } from '../edge-component';
import { alertRulesAboutLogAgents, LOG_AGENT_THRESHOLDS, type LogAgentThresholds } from './agent.rules';
import { logsDashboard } from './dashboard';
import { EdgeLogCollector } from './edge-log-collector';
import { GROUP_LOGS, type GroupLogs, LOG_SETTINGS, type LogSettings } from './group-logs';
import { edgeLogRulesForLoki, LOG_THRESHOLDS, type LogThresholds } from './rules';

type Thresholds = LogThresholds & LogAgentThresholds;

const THRESHOLDS: ThresholdTable<Thresholds> = { ...LOG_AGENT_THRESHOLDS, ...LOG_THRESHOLDS };

/**
 * Component of the log collector on edge nodes: options, rules, dashboard and agents. Rules about the collectors require
 * a metrics gateway, because only metrics agents scrape the collectors.
 */
export const edgeLogCollectorComponent = {
  thresholds: THRESHOLDS,
  rules: ({ gateway, logAgents }, limits) =>
    gateway ? [alertRulesAboutLogAgents(limits, allLogAgents(logAgents))] : [],
  logRules: (_, limits) => [edgeLogRulesForLoki(limits)],
  dashboards: ({ logAgents }) => [logsDashboard(allLogAgents(logAgents))],
  options: GROUP_LOGS,
  settings: { nodes: LOG_SETTINGS },
  toGroupOptions: ({ logs }) => ({ logCollector: logs }),
  nodesSettingsProblems: ({ logs = {} }, { path }) => {
    const agent = logs.agent ?? defaultLogAgent();
    return [
      ...agentNeedsApiServerProblems(agent, `${path}.logs.`),
      ...problemsOfOptionsUnsupportedByAgent(agent, logs, `${path}.logs.`),
    ];
  },
  createAgents: (scope, edge) => {
    const { logs, logCollector } = edge.options;
    if (!logs) return [];
    return [
      new EdgeLogCollector(scope, 'log-collector', {
        ...logCollector,
        ...edge.agentNameAndNodes('edge-log-collector'),
        sink: logs,
        metrics: edge.sink.protocol === 'scrape' ? edge.sink : undefined,
      }),
    ];
  },
} satisfies EdgeComponent<
  Thresholds,
  { readonly gateway?: string; readonly logAgents?: readonly LogAgent[] },
  GroupLogs,
  LogSettings
>;
