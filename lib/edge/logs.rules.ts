import type { RuleSource } from '../contracts/rules';
import { alert } from '../core/alerts';
import { lasting, quantity } from '../core/option-rules';
import { type ThresholdTable, thresholds } from '../core/thresholds';
import { bytes, type Duration, type Quantity } from '../core/units';
import { NODE, NODE_IN_WORDS } from './edge-alert';

/** What a node may log. */
export interface LogThresholds {
  /** Bytes of lines, a node and hour. @default "20Mi" */
  readonly logsPerHour: Quantity;
  /** A node that sent lines within a day and then none for so long is told of, from 5m to 12h. @default "3h" */
  readonly logsMissingAfter: Duration;
}

export const LOG_THRESHOLDS: ThresholdTable<LogThresholds> = {
  logsPerHour: { default: '20Mi', rule: quantity },
  logsMissingAfter: { default: '3h', rule: lasting('5m', '12h', '3h') },
};

/** For Loki's ruler: the lines of the nodes of the edge. Those of the cloud say so in the label `side`. */
export function logRules(given: Partial<LogThresholds> = {}): RuleSource {
  const limits = thresholds('edge-logs', LOG_THRESHOLDS, given);
  const lines = (operation: string, range: string) =>
    `sum by (${NODE}) (${operation}({node=~".+", side!="cloud"}[${range}]))`;
  return {
    ruleGroups: [
      {
        name: 'edge-logs',
        // An hour of all lines is read.
        interval: '5m',
        rules: [
          alert('EdgeLogVolumeHigh', {
            severity: 'warning',
            for: '15m',
            expr: `${lines('bytes_over_time', '1h')} > ${bytes(limits.logsPerHour)}`,
            summary: `Many logs: ${NODE_IN_WORDS}`,
            description: `The containers of ${NODE_IN_WORDS} wrote {{ $value | humanize1024 }}B of lines within an hour; ${limits.logsPerHour} are allowed.`,
          }),
        ],
      },
      {
        name: 'edge-logs-missing',
        // A day of all lines is read, which takes minutes.
        interval: '30m',
        rules: [
          alert('EdgeLogsMissing', {
            severity: 'warning',
            expr: `${lines('count_over_time', '1d')} unless ${lines('count_over_time', limits.logsMissingAfter)}`,
            summary: `No logs: ${NODE_IN_WORDS}`,
            description: `No line of ${NODE_IN_WORDS} arrived for ${limits.logsMissingAfter}, though some did within a day.`,
          }),
        ],
      },
    ],
  };
}
