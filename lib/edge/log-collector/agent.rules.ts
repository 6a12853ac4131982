import type { LogAgent } from '../../agents/log-agent';
import { backlogBy, logAgentsWith, ofAgents, read } from '../../agents/log-agents';
import type { RuleSource } from '../../contracts/rules';
import { quantity } from '../../core/option-rules';
import { type ThresholdTable, thresholds } from '../../core/thresholds';
import { bytes, type Quantity } from '../../core/units';
import { edgeAlert, NODE, NODE_IN_WORDS } from '../edge-alert';

/** Thresholds of the alerts about log collectors. */
export interface LogAgentThresholds {
  /** Size of the log files that a log collector has not read yet. @default "10Mi" */
  readonly logBacklog: Quantity;
}

export const LOG_AGENT_THRESHOLDS: ThresholdTable<LogAgentThresholds> = {
  logBacklog: { default: '10Mi', rule: quantity },
};

/**
 * Returns rules about a log agent's backlog, delivery and losses, for nodes whose `EdgeMetricsAgent` scrapes
 * it.
 * @param logAgents the agents that nodes may run
 */
export function logAgentRules(
  given: Partial<LogAgentThresholds> = {},
  logAgents: readonly LogAgent[] = logAgentsWith(),
): RuleSource {
  const limits = thresholds('edge-agents', LOG_AGENT_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'edge-agents',
        // Agents are scraped once a minute.
        interval: '1m',
        rules: [
          edgeAlert('EdgeLogCollectorBehind', {
            severity: 'warning',
            for: '30m',
            expr: ofAgents(logAgents, (of) => `${backlogBy(NODE, of)} > ${bytes(limits.logBacklog)}`).join(
              '\nor ',
            ),
            summary: `Logs are behind: ${NODE_IN_WORDS}`,
            description: `The log collector of ${NODE_IN_WORDS} has {{ $value | humanize1024 }}B of lines still to read or to send; rotation may take them first.`,
          }),
          edgeAlert('EdgeLogCollectorPaused', {
            severity: 'warning',
            for: '30m',
            expr: ofAgents(
              logAgents,
              ({ paused }) => paused && `max by (${NODE}) (min_over_time(${paused}[30m])) > 0`,
            ).join('\nor '),
            summary: `Logs are not read: ${NODE_IN_WORDS}`,
            description: `The log collector of ${NODE_IN_WORDS} has read no line for half an hour, though its link is up: too much waits to be sent, as Loki refuses it or the link is too slow.`,
          }),
          edgeAlert('EdgeLogLinesDropped', {
            severity: 'critical',
            expr: ofAgents(
              logAgents,
              ({ dropped }) => `sum by (${NODE}) (${read(dropped, 'increase', '3h')}) > 0`,
            ).join('\nor '),
            summary: `Lines are lost: ${NODE_IN_WORDS}`,
            description: `The log collector of ${NODE_IN_WORDS} gave up {{ $value | humanize }} lines within three hours, since Loki refused them for good.`,
          }),
        ],
      },
    ],
  };
}
