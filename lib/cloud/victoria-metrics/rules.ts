import type { AlertRule, RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';

/** Returns the alerts about a VictoriaMetrics cluster, based on the metrics of version 1.146. */
export const alertRulesAboutVictoriaMetrics = (): RuleSource => ({
  ruleGroups: [
    {
      name: 'victoria-metrics',
      rules: [nodeDown, readOnly, underReplicated, insertsSlow, samplesRejected, queriesFailing],
    },
  ],
});

const nodeDown: AlertRule = alertingRule('VictoriaMetricsDown', {
  severity: 'warning',
  for: '5m',
  expr: 'max by (cluster, job, instance) (up{job=~"vminsert|vmselect|vmstorage"}) == 0',
  summary: '{{ $labels.job }} {{ $labels.instance }} is down',
  description:
    'The other pods of {{ $labels.job }} take over the work of {{ $labels.instance }}. Only vmstorage pods hold data: queries fail when the number of vmstorage pods that are down reaches replicationFactor.',
});

const readOnly: AlertRule = alertingRule('VictoriaMetricsReadOnly', {
  severity: 'critical',
  for: '5m',
  expr: 'max by (cluster, job, instance) (vm_storage_is_read_only{job="vmstorage"}) == 1',
  summary: 'vmstorage {{ $labels.instance }} accepts no samples',
  description:
    'Less than 5 % of the volume of {{ $labels.instance }} is free. vminsert writes to the other vmstorage pods.',
});

const underReplicated: AlertRule = alertingRule('VictoriaMetricsUnderReplicated', {
  severity: 'warning',
  for: '15m',
  expr: 'sum by (cluster, job) (increase(vm_rpc_rows_incompletely_replicated_total{job="vminsert"}[15m])) > 0',
  summary: 'Samples have fewer copies than configured',
  description:
    '{{ $value | humanize }} samples within 15 minutes were written to fewer vmstorage pods than replicationFactor. Queries miss a sample while all pods that store the sample are down.',
});

const insertsSlow: AlertRule = alertingRule('VictoriaMetricsInsertsSlow', {
  severity: 'warning',
  for: '30m',
  expr: `sum by (cluster, job) (rate(vm_slow_row_inserts_total{job="vmstorage"}[15m]))
/ sum by (cluster, job) (rate(vm_rows_added_to_storage_total{job="vmstorage"}[15m])) > 0.05`,
  summary: 'vmstorage has too little memory for its series',
  description:
    '{{ $value | humanizePercentage }} of samples belong to series that are not in the caches of vmstorage. vmstorage has to read its index for these samples.',
});

const samplesRejected: AlertRule = alertingRule('VictoriaMetricsSamplesRejected', {
  severity: 'warning',
  for: '15m',
  expr: 'sum by (cluster, job, reason) (increase(vm_rows_ignored_total{job=~"vminsert|vmstorage"}[15m])) > 0',
  summary: 'VictoriaMetrics drops samples: {{ $labels.reason }}',
  description:
    '{{ $labels.job }} dropped {{ $value | humanize }} samples within 15 minutes, because the samples have too many labels, or timestamps outside of the retention period.',
});

const queriesFailing: AlertRule = alertingRule('VictoriaMetricsQueriesFailing', {
  severity: 'warning',
  for: '15m',
  expr: 'sum by (cluster, job) (increase(vm_http_request_errors_total{job="vmselect", path=~".*/api/v1/query(_range)?"}[15m])) > 0',
  summary: 'Queries fail',
  description: '{{ $value | printf "%.0f" }} queries of rules or dashboards failed within 15 minutes.',
});
