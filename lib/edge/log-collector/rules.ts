import { RELOADER } from '../../agents/config-reloader';
import type { RuleSource } from '../../contracts/rules';
import { alert } from '../../core/alerts';
import { lasting, quantity } from '../../core/option-rules';
import { type ThresholdTable, thresholds } from '../../core/thresholds';
import { bytes, type Duration, type Quantity, seconds } from '../../core/units';
import { NODE, NODE_IN_WORDS } from '../edge-alert';

/** What a node may log. */
export interface LogThresholds {
  /** Bytes of lines, a node and hour. @default "20Mi" */
  readonly logsPerHour: Quantity;
  /** How long a node that sent lines within a day may send none before EdgeLogsMissing fires, from 5m to 12h. @default "3h" */
  readonly logsMissingAfter: Duration;
}

export const LOG_THRESHOLDS: ThresholdTable<LogThresholds> = {
  logsPerHour: { default: '20Mi', rule: quantity },
  logsMissingAfter: { default: '3h', rule: lasting('5m', '12h', '3h') },
};

/** Lines of the nodes of the edge: those of the cloud have a label `side`. */
const EDGE_LINES = 'node=~".+", side!="cloud"';

/**
 * Lines by which nodes are known: those of the reloader beside each log agent, which writes one an hour, and all of Docker's
 * own driver, which have no such label. To read all lines of some hours takes minutes in a large fleet.
 */
const SIGNS = `${EDGE_LINES}, container=~"${RELOADER}|"`;

/** In a shorter time the reloader may have had no line to write, so that all lines count. */
const SIGNS_ALONE_SECONDS = seconds('2h');

/** For Loki's ruler: how many lines each node of the edge sends. */
export function logRules(given: Partial<LogThresholds> = {}): RuleSource {
  const limits = thresholds('edge-logs', LOG_THRESHOLDS, given);
  const lines = (operation: string, range: string, selector = EDGE_LINES) =>
    `sum by (${NODE}) (${operation}({${selector}}${range}))`;
  const missingAfter = limits.logsMissingAfter;
  const before = seconds('1d') - seconds(missingAfter);
  const short = seconds(missingAfter) < SIGNS_ALONE_SECONDS;
  const since = short ? EDGE_LINES : SIGNS;
  const expected = short
    ? 'No line'
    : "Neither the hourly line of the log collector nor a line of Docker's driver";
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
            expr: `${lines('bytes_over_time', '[1h]')} > ${bytes(limits.logsPerHour)}`,
            summary: `Many logs: ${NODE_IN_WORDS}`,
            description: `The containers of ${NODE_IN_WORDS} wrote {{ $value | humanize1024 }}B of lines within an hour; ${limits.logsPerHour} are allowed.`,
          }),
        ],
      },
      {
        name: 'edge-logs-missing',
        // A day of signs is read, and of all lines where `logsMissingAfter` is short.
        interval: '30m',
        rules: [
          alert('EdgeLogsMissing', {
            severity: 'warning',
            expr: `${lines('count_over_time', `[${before}s] offset ${missingAfter}`, SIGNS)}
unless
${lines('count_over_time', `[${missingAfter}]`, since)}`,
            summary: `No logs: ${NODE_IN_WORDS}`,
            description: `${expected} of ${NODE_IN_WORDS} arrived for ${missingAfter}, though some did within a day.`,
          }),
        ],
      },
    ],
  };
}
