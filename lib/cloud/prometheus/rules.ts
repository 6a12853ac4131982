import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { watchdogAndTargetDownAlerts } from '../watchdog-alerts';

/**
 * Returns the alerts about Prometheus and its targets, and the alert Watchdog. Watchdog always fires, so that
 * a receiver can notice when notifications no longer arrive.
 */
export function alertRulesAboutPrometheus({
  job = 'prometheus',
  replicas = 1,
}: {
  readonly job?: string;
  readonly replicas?: number;
} = {}): RuleSource {
  const prometheusMetricSelector = (metric: string) => `${metric}{job="${job}"}`;
  const maxByJobExpr = (expr: string) => `max by (cluster, job) (${expr})`;
  // The range is 15 minutes. Some rule groups are evaluated only every five minutes, so a range of five
  // minutes could miss a failure.
  const increaseByRuleGroupExpr = (metric: string) =>
    `max by (cluster, job, rule_group) (increase(${prometheusMetricSelector(metric)}[15m]))`;
  const increaseByJobExpr = (metric: string, range = '15m') =>
    maxByJobExpr(`increase(${prometheusMetricSelector(metric)}[${range}])`);
  return {
    ruleGroups: [
      {
        name: 'prometheus',
        rules: [
          ...watchdogAndTargetDownAlerts(),
          ...(replicas > 1 ? [replicaDownAlert(prometheusMetricSelector)] : []),
          alertingRule('PrometheusConfigReloadFailed', {
            severity: 'critical',
            for: '10m',
            expr: `${maxByJobExpr(prometheusMetricSelector('prometheus_config_last_reload_successful'))} == 0`,
            summary: 'Prometheus failed to reload its configuration',
            description:
              'Prometheus could not load its new configuration or rules and keeps using the previous ones.',
          }),
          alertingRule('PrometheusRuleFailures', {
            severity: 'critical',
            for: '15m',
            expr: `${increaseByRuleGroupExpr('prometheus_rule_evaluation_failures_total')} > 0`,
            summary: 'Rule evaluation fails',
            description:
              'Rules of the rule group {{ $labels.rule_group }} failed {{ $value | printf "%.0f" }} times within 15 minutes. A rule that fails fires no alert and records no metric.',
          }),
          alertingRule('PrometheusRulesSlow', {
            severity: 'warning',
            for: '15m',
            expr: `${increaseByRuleGroupExpr('prometheus_rule_group_iterations_missed_total')} > 0`,
            summary: 'Rule evaluation is too slow',
            description:
              '{{ $value | printf "%.0f" }} evaluations of rule group {{ $labels.rule_group }} were skipped within 15 minutes, because evaluations of the group take longer than its interval.',
          }),
          alertingRule('PrometheusStorageTrouble', {
            severity: 'critical',
            expr: [
              'prometheus_tsdb_compactions_failed_total',
              'prometheus_tsdb_reloads_failures_total',
              'prometheus_tsdb_wal_corruptions_total',
              'prometheus_tsdb_wal_writes_failed_total',
              'prometheus_tsdb_head_truncations_failed_total',
            ]
              .map((metric) => `(${increaseByJobExpr(metric, '3h')} > 0)`)
              .join('\nor '),
            summary: 'Prometheus has storage errors',
            description:
              'Compactions, block reloads or WAL writes failed {{ $value | printf "%.0f" }} times within 3 hours. Samples may be lost.',
          }),
          alertingRule('PrometheusSamplesRefused', {
            severity: 'warning',
            for: '15m',
            expr: `sum by (cluster, job) (
  increase(${prometheusMetricSelector('prometheus_target_scrapes_sample_out_of_bounds_total')}[15m])
  + increase(${prometheusMetricSelector('prometheus_target_scrapes_sample_duplicate_timestamp_total')}[15m])
) > 0`,
            summary: 'Prometheus rejects scraped samples',
            description:
              '{{ $value | humanize }} samples were rejected within 15 minutes: two targets expose the same series, or a clock is wrong.',
          }),
          alertingRule('PrometheusAlertmanagersMissing', {
            severity: 'critical',
            for: '10m',
            expr: `${maxByJobExpr(prometheusMetricSelector('prometheus_notifications_alertmanagers_discovered'))} < 1`,
            summary: 'Prometheus has no Alertmanager',
            description: 'No Alertmanager is discovered, so no notifications are sent.',
          }),
          alertingRule('PrometheusNotificationsFailing', {
            severity: 'critical',
            for: '10m',
            expr: `${increaseByJobExpr('prometheus_notifications_dropped_total', '5m')} > 0`,
            summary: 'Prometheus fails to send alerts to Alertmanager',
            description: '{{ $value | humanize }} alerts were dropped within 5 minutes.',
          }),
        ],
      },
    ],
  };
}

/** Returns the alert about a Prometheus replica that is down. The other replica evaluates this alert. */
const replicaDownAlert = (toSelector: (metric: string) => string) =>
  alertingRule('PrometheusReplicaDown', {
    severity: 'warning',
    for: '5m',
    expr: `max by (cluster, job, instance) (${toSelector('up')}) == 0`,
    summary: 'A replica of {{ $labels.job }} is down',
    description:
      '{{ $labels.instance }} cannot be scraped. The other replica still evaluates alerts and answers dashboards. The gateway queues the samples for {{ $labels.instance }}.',
  });
