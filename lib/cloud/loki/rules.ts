import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import {
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import { componentDownAlert } from '../component-down';

/** Thresholds of the alerts about Loki. */
export interface LokiThresholds {
  /**
   * LokiRequestErrors fires if more than this percentage of requests fail with a server error (5xx).
   * @default 10
   */
  readonly lokiErrorPercent: number;
}

/** Allowed range and default of each threshold in `LokiThresholds`. */
export const LOKI_THRESHOLDS: ThresholdTable<LokiThresholds> = { lokiErrorPercent: percentThreshold(10) };

/**
 * Returns a PromQL expression for the increase of a counter within 30 minutes, including the first event. Loki creates
 * a counter's series with the first event, so the function `increase` misses this event. The second part of the
 * expression therefore returns a series that did not exist 30 minutes ago, if Loki was already scraped at that time.
 * @param job scrape job of Loki
 * @param counter PromQL selector of the counter
 */
const increaseIncludingFirstEventExpr = (job: string, counter: string): string =>
  `increase(${counter}[30m]) > 0
  or (${counter} unless ${counter} offset 30m) and on (cluster, node, job, instance) (up{job="${job}"} offset 30m == 1)`;

/**
 * Returns the alerts about Loki, based on the metrics that Loki's mixin uses:
 * https://github.com/grafana/loki/tree/v3.7.6/production/loki-mixin
 */
export function alertRulesAboutLoki(
  given: Partial<LokiThresholds> = {},
  { job = 'loki' }: { readonly job?: string } = {},
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('loki', LOKI_THRESHOLDS, given);
  /** Returns the PromQL expression for Loki's requests per second, by route. @param more additional label matchers */
  const requestRateExpr = (more = '') =>
    `sum by (cluster, job, route) (rate(loki_request_duration_seconds_count{job="${job}"${more}}[5m]))`;
  return {
    ruleGroups: [
      {
        name: 'loki',
        rules: [
          componentDownAlert(
            'Loki',
            job,
            'critical',
            'log lines wait on the nodes, and can be lost when the kubelet deletes log files',
          ),
          alertingRule('LokiRequestErrors', {
            severity: 'critical',
            for: '15m',
            expr: `${requestRateExpr(', status_code=~"5.."')} / ${requestRateExpr()} > ${limits.lokiErrorPercent / 100}`,
            summary: 'Loki has a high error rate',
            description:
              '{{ $value | humanizePercentage }} of the requests to {{ $labels.route }} fail with a server error (5xx).',
          }),
          alertingRule('LokiIngestionRefused', {
            severity: 'warning',
            for: '15m',
            expr: `sum by (cluster, job, tenant, reason) (${increaseIncludingFirstEventExpr(
              job,
              `loki_discarded_samples_total{job="${job}"}`,
            )}) > 0`,
            summary: 'Loki rejects log lines',
            description:
              '{{ $value | humanize }} log lines of tenant {{ $labels.tenant }} were rejected within 30 minutes ({{ $labels.reason }}). The lines are lost, or agents retry until the lines are within the limit.',
          }),
          alertingRule('LokiPushesInvalid', {
            severity: 'warning',
            for: '15m',
            expr: `sum by (cluster, job, status_code) (${increaseIncludingFirstEventExpr(
              job,
              `loki_request_duration_seconds_count{job="${job}", route="loki_api_v1_push", status_code=~"400|413"}`,
            )}) > 0`,
            summary: 'Loki rejects pushes permanently',
            description:
              '{{ $value | humanize }} pushes were answered with status {{ $labels.status_code }} within 30 minutes. Retries cannot succeed: agents drop the lines of these pushes, or retry forever.',
          }),
          alertingRule('LokiCompactorNotRunning', {
            severity: 'warning',
            for: '1h',
            // If no run of the compactor has succeeded yet, the time since the start of the process counts.
            expr: `min by (cluster, job) (
  time() - (
    loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds{job="${job}"} > 0
    or process_start_time_seconds{job="${job}"}
  )
) > 10800`,
            summary: 'Loki does not delete expired logs',
            description:
              'No run of the compactor has succeeded for {{ $value | humanizeDuration }}. Logs past their retention period are kept, and the volume fills up.',
          }),
        ],
      },
    ],
  };
}
