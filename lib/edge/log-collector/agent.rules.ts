import type { LogAgent } from '../../agents/log-agent';
import {
  allLogAgents,
  backlogByLabelsExpression,
  distinctPromqlExpressionsOfAgents,
  renderAgentPromqlWithRangeFunction,
} from '../../agents/log-agents';
import type { RuleSource } from '../../contracts/rules';
import { quantity } from '../../core/option-rules';
import { type ThresholdTable, validateAndApplyThresholdDefaults } from '../../core/thresholds';
import { type Quantity, toBytes } from '../../core/units';
import { edgeAlert, NODE_LABELS, NODE_TEXT } from '../edge-alert';

/** Thresholds of the alerts about log collectors. */
export interface LogAgentThresholds {
  /** Bytes of log files that a log collector has not sent yet, above which EdgeLogCollectorBehind fires. @default "10Mi" */
  readonly logBacklog: Quantity;
}

/** Validation rules and defaults of `LogAgentThresholds`. */
export const LOG_AGENT_THRESHOLDS: ThresholdTable<LogAgentThresholds> = {
  logBacklog: { default: '10Mi', rule: quantity },
};

/**
 * Returns alerts about log collectors: backlog, paused reading, and dropped lines. The rules require an
 * `EdgeMetricsAgent` that scrapes the collectors.
 * @param logAgents the log agents that nodes can run; each has its own metric names
 */
export function alertRulesAboutLogAgents(
  given: Partial<LogAgentThresholds> = {},
  logAgents: readonly LogAgent[] = allLogAgents(),
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-agents', LOG_AGENT_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'edge-agents',
        // The metrics agent scrapes log agents only every five minutes, so a shorter interval is not useful.
        interval: '1m',
        rules: [
          edgeAlert('EdgeLogCollectorBehind', {
            severity: 'warning',
            for: '30m',
            expr: distinctPromqlExpressionsOfAgents(
              logAgents,
              (of) => `${backlogByLabelsExpression(NODE_LABELS, of)} > ${toBytes(limits.logBacklog)}`,
            ).join('\nor '),
            summary: `Log collector has a backlog: ${NODE_TEXT}`,
            description: `The log collector of ${NODE_TEXT} has a backlog of {{ $value | humanize1024 }}B. Lines can be lost if the kubelet deletes log files before the collector reads them.`,
          }),
          edgeAlert('EdgeLogCollectorPaused', {
            severity: 'warning',
            for: '30m',
            expr: distinctPromqlExpressionsOfAgents(
              logAgents,
              ({ paused }) => paused && `max by (${NODE_LABELS}) (min_over_time(${paused}[30m])) > 0`,
            ).join('\nor '),
            summary: `Log collector is paused: ${NODE_TEXT}`,
            description: `The log collector of ${NODE_TEXT} has read no log line for an hour, although the link of the node is up. The buffer of the collector is full, because Loki rejects the lines or the link is too slow.`,
          }),
          edgeAlert('EdgeLogLinesDropped', {
            severity: 'critical',
            expr: distinctPromqlExpressionsOfAgents(
              logAgents,
              ({ dropped }) =>
                `sum by (${NODE_LABELS}) (${renderAgentPromqlWithRangeFunction(dropped, 'increase', '3h')}) > 0`,
            ).join('\nor '),
            summary: `Log lines dropped: ${NODE_TEXT}`,
            description: `The log collector of ${NODE_TEXT} dropped {{ $value | humanize }} log lines within 3 hours, because Loki permanently rejected the lines.`,
          }),
        ],
      },
    ],
  };
}
