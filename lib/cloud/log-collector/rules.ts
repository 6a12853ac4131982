import type { LogAgent } from '../../agents/log-agent';
import {
  allLogAgents,
  distinctPromqlExpressionsOfAgents,
  renderAgentPromqlWithRangeFunction,
} from '../../agents/log-agents';
import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { componentDownAlert } from '../component-down';

/** Labels that identify a pod of the log collector. The alerts are grouped by these labels. */
const POD_LABELS = 'cluster, job, instance';

/** Properties for `alertRulesAboutLogCollector`. */
export interface LogCollectorRulesProps {
  /** Scrape job of the log collector. @default "log-collector" */
  readonly job?: string;
  /**
   * Log agents that a log collector can run. The alerts use the metrics of these agents.
   * @default - all log agents of this stack
   */
  readonly agents?: readonly LogAgent[];
}

/**
 * Returns the alerts about the log collector of cloud nodes: the log collector is down, has paused reading log files,
 * or has dropped lines.
 */
export function alertRulesAboutLogCollector({
  job = 'log-collector',
  agents = allLogAgents(),
}: LogCollectorRulesProps = {}): RuleSource {
  const ofJob = `job="${job}"`;
  return {
    ruleGroups: [
      {
        name: 'log-collector',
        rules: [
          componentDownAlert(
            'LogCollector',
            job,
            'warning',
            'log lines of cloud nodes are not collected, and can be lost when the kubelet deletes log files',
          ),
          alertingRule('LogCollectorPaused', {
            severity: 'warning',
            for: '15m',
            expr: distinctPromqlExpressionsOfAgents(
              agents,
              ({ paused }) =>
                paused && `max by (${POD_LABELS}) (min_over_time(${paused}{${ofJob}}[15m])) > 0`,
            ).join('\nor '),
            summary: 'Log collector of a cloud node is paused',
            description:
              'The log collector at {{ $labels.instance }} has read no log line for 30 minutes: its buffer is full, because Loki does not accept its lines.',
          }),
          alertingRule('LogCollectorLinesDropped', {
            severity: 'critical',
            expr: distinctPromqlExpressionsOfAgents(
              agents,
              ({ dropped }) =>
                `sum by (${POD_LABELS}) (${renderAgentPromqlWithRangeFunction(dropped, 'increase', '1h', [ofJob])}) > 0`,
            ).join('\nor '),
            summary: 'Log lines of a cloud node are dropped',
            description:
              'The log collector at {{ $labels.instance }} dropped {{ $value | humanize }} log lines within an hour, because Loki permanently rejected the lines.',
          }),
        ],
      },
    ],
  };
}
