import type { RuleSource } from '../../contracts/rules';
import { alert } from '../../core/alerts';
import { percent, type ThresholdTable, thresholds } from '../../core/thresholds';
import { componentDown } from '../component-down';

/** Thresholds of the alerts about Loki. */
export interface LokiThresholds {
  /** Percentage of requests that Loki answers with a server error (5xx). @default 10 */
  readonly lokiErrorPercent: number;
}

export const LOKI_THRESHOLDS: ThresholdTable<LokiThresholds> = { lokiErrorPercent: percent(10) };

/**
 * Returns an expression for the increase of a counter in half an hour. The counter's series starts with its
 * first event, which `increase` does not count; it is counted if the process was scraped before.
 */
const grown = (job: string, counter: string): string =>
  `increase(${counter}[30m]) > 0
  or (${counter} unless ${counter} offset 30m) and on (cluster, node, job, instance) (up{job="${job}"} offset 30m == 1)`;

/**
 * Returns rules about Loki, based on the metrics that its mixin uses:
 * https://github.com/grafana/loki/tree/v3.7.6/production/loki-mixin
 */
export function lokiRules(
  given: Partial<LokiThresholds> = {},
  { job = 'loki' }: { readonly job?: string } = {},
): RuleSource {
  const limits = thresholds('loki', LOKI_THRESHOLDS, given);
  const requests = (more = '') =>
    `sum by (cluster, job, route) (rate(loki_request_duration_seconds_count{job="${job}"${more}}[5m]))`;
  return {
    ruleGroups: [
      {
        name: 'loki',
        rules: [
          componentDown('Loki', job, 'critical', 'log lines wait on the nodes until rotation takes them'),
          alert('LokiRequestErrors', {
            severity: 'critical',
            for: '15m',
            expr: `${requests(', status_code=~"5.."')} / ${requests()} > ${limits.lokiErrorPercent / 100}`,
            summary: 'Loki answers with errors',
            description:
              '{{ $value | humanizePercentage }} of the requests to {{ $labels.route }} end with an error of Loki.',
          }),
          alert('LokiIngestionRefused', {
            severity: 'warning',
            for: '15m',
            expr: `sum by (cluster, job, tenant, reason) (${grown(job, `loki_discarded_samples_total{job="${job}"}`)}) > 0`,
            summary: 'Loki refuses lines',
            description:
              '{{ $value | humanize }} lines of tenant {{ $labels.tenant }} were refused within the last half hour ({{ $labels.reason }}): they are lost, or sent again until a limit lets them through.',
          }),
          alert('LokiPushesInvalid', {
            severity: 'warning',
            for: '15m',
            expr: `sum by (cluster, job, status_code) (${grown(
              job,
              `loki_request_duration_seconds_count{job="${job}", route="loki_api_v1_push", status_code=~"400|413"}`,
            )}) > 0`,
            summary: 'Loki refuses pushes for good',
            description:
              '{{ $value | humanize }} pushes were answered with {{ $labels.status_code }} within the last half hour: sending them again is useless, and agents give their lines up.',
          }),
          alert('LokiCompactorNotRunning', {
            severity: 'warning',
            for: '1h',
            // Before its first success, the time is counted from the start of the process.
            expr: `min by (cluster, job) (
  time() - (
    loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds{job="${job}"} > 0
    or process_start_time_seconds{job="${job}"}
  )
) > 10800`,
            summary: 'Nobody removes old lines',
            description:
              'The compactor had no success for {{ $value | humanizeDuration }}: what is past its time stays, and the volume fills.',
          }),
        ],
      },
    ],
  };
}
