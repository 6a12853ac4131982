import { RELOADER } from '../../agents/config-reloader';
import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { durationRule, quantity } from '../../core/option-rules';
import { type ThresholdTable, validateAndApplyThresholdDefaults } from '../../core/thresholds';
import { type Duration, type Quantity, toBytes, toSeconds } from '../../core/units';
import { NODE_LABELS, NODE_TEXT } from '../edge-alert';

/** Thresholds of the alerts about a node's log volume. */
export interface LogThresholds {
  /** Bytes of log lines of a node within an hour, above which EdgeLogVolumeHigh fires. @default "20Mi" */
  readonly logsPerHour: Quantity;
  /**
   * Time without log lines after which EdgeLogsMissing fires for a node that sent lines within the last day. The
   * minimum is 5m, the maximum 12h. If the value is 2h or longer, the alert reads only the hourly line of the log
   * collector and the lines of the Docker driver, because reading all lines would take minutes in a large fleet.
   * @default "3h"
   */
  readonly logsMissingAfter: Duration;
}

/** Validation rules and defaults of `LogThresholds`. */
export const LOG_THRESHOLDS: ThresholdTable<LogThresholds> = {
  logsPerHour: { default: '20Mi', rule: quantity },
  logsMissingAfter: { default: '3h', rule: durationRule('5m', '12h', '3h') },
};

/** LogQL matchers for log lines of edge nodes. Lines of cloud nodes have the label `side="cloud"`. */
const EDGE_LINES = 'node=~".+", side!="cloud"';

/**
 * LogQL matchers for lines that prove that a node sends logs: the hourly line of the reloader (a sidecar of each log
 * agent), and the lines of the Docker driver, which have no label `container`. Reading all lines of several hours would
 * take minutes in a large fleet.
 */
const HEARTBEAT_LINES = `${EDGE_LINES}, container=~"${RELOADER}|"`;

/**
 * Minimum of `logsMissingAfter`, in seconds, for which the alert reads only `HEARTBEAT_LINES`. Within a shorter time, a
 * healthy node can have no such lines, because the reloader logs once an hour.
 */
const MIN_HEARTBEAT_SECONDS = toSeconds('2h');

/** Returns rules for Loki's ruler about the log lines that each edge node sends. */
export function edgeLogRulesForLoki(given: Partial<LogThresholds> = {}): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-logs', LOG_THRESHOLDS, given);
  const aggregateLogLinesExpr = (operation: string, range: string, selector = EDGE_LINES) =>
    `sum by (${NODE_LABELS}) (${operation}({${selector}}${range}))`;
  const missingAfter = limits.logsMissingAfter;
  const before = toSeconds('1d') - toSeconds(missingAfter);
  const short = toSeconds(missingAfter) < MIN_HEARTBEAT_SECONDS;
  const since = short ? EDGE_LINES : HEARTBEAT_LINES;
  const expected = short
    ? 'No line'
    : 'Neither the hourly line of the log collector nor a line of the Docker driver';
  return {
    ruleGroups: [
      {
        name: 'edge-logs',
        // The rule reads all lines of an hour, so it runs rarely.
        interval: '5m',
        rules: [
          alertingRule('EdgeLogVolumeHigh', {
            severity: 'warning',
            for: '15m',
            expr: `${aggregateLogLinesExpr('bytes_over_time', '[1h]')} > ${toBytes(limits.logsPerHour)}`,
            summary: `High log volume: ${NODE_TEXT}`,
            description: `The containers of ${NODE_TEXT} logged {{ $value | humanize1024 }}B within an hour; the threshold is ${limits.logsPerHour}.`,
          }),
        ],
      },
      {
        name: 'edge-logs-missing',
        // The rule reads the lines in `HEARTBEAT_LINES` of a day and, if `logsMissingAfter` is short, all lines of that
        // time.
        interval: '30m',
        rules: [
          alertingRule('EdgeLogsMissing', {
            severity: 'warning',
            expr: `${aggregateLogLinesExpr('count_over_time', `[${before}s] offset ${missingAfter}`, HEARTBEAT_LINES)}
unless
${aggregateLogLinesExpr('count_over_time', `[${missingAfter}]`, since)}`,
            summary: `No logs: ${NODE_TEXT}`,
            description: `${expected} was received from ${NODE_TEXT} for ${missingAfter}, although such lines arrived within the last day.`,
          }),
        ],
      },
    ],
  };
}
