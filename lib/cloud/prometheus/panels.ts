import type { Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, stat, timeseries, topFiveSeriesExpr } from '../../core/panels';
import type { StorePanels } from '../store-panels';

const ruleDuration: Panel = timeseries(
  'Rule evaluation duration',
  'Duration of the last evaluation, for the five slowest rule groups.',
  [
    {
      expr: topFiveSeriesExpr(
        `label_replace(prometheus_rule_group_last_duration_seconds{${OF_CLUSTER}}, "name", "$1", "rule_group", ".*;(.*)")`,
      ),
      legend: '{{name}}',
    },
  ],
  { unit: 's', alerts: ['PrometheusRulesSlow', 'PrometheusRuleFailures'] },
);

const series: Panel = stat(
  'Series',
  'Active series (head) in each replica of Prometheus, including the series of the cloud components.',
  [{ expr: `sum(max by (cluster) (prometheus_tsdb_head_series{${OF_CLUSTER}}))` }],
);

const samples: Panel = timeseries(
  'Samples ingested / s',
  'Samples per second that each replica of Prometheus ingests.',
  [
    {
      expr: `sum by (type) (max by (cluster, type) (rate(prometheus_tsdb_head_samples_appended_total{${OF_CLUSTER}}[$__rate_interval])))`,
      legend: '{{type}}',
    },
  ],
);

const diskUsage: Panel = timeseries(
  'Prometheus disk usage',
  'Size of the blocks, and the retention size above which Prometheus deletes the oldest blocks.',
  [
    { expr: `prometheus_tsdb_storage_blocks_bytes{${OF_CLUSTER}}`, legend: 'blocks' },
    { expr: `prometheus_tsdb_retention_limit_bytes{${OF_CLUSTER}}`, legend: 'limit', isLimit: true },
  ],
  { unit: 'bytes', alerts: ['KubeVolumeFull'] },
);

const diskGrowth: Panel = stat(
  'Prometheus disk growth per day',
  'Disk space that each replica needs for a day of samples at the current rate.',
  [
    {
      expr: `sum(max by (cluster) (sum by (cluster, instance) (rate(prometheus_tsdb_head_samples_appended_total{${OF_CLUSTER}}[1h])))) * 86400 * sum(rate(prometheus_tsdb_compaction_chunk_size_bytes_sum{${OF_CLUSTER}}[1d])) / sum(rate(prometheus_tsdb_compaction_chunk_samples_sum{${OF_CLUSTER}}[1d]))`,
    },
  ],
  { unit: 'bytes', emptyWhen: 'no block was compacted within a day' },
);

/** Panels about a Prometheus of this stack, or of a Prometheus Operator. */
export const PROMETHEUS_PANELS: StorePanels = {
  ruleDuration,
  queryDuration: {
    expr: `max by (job) (prometheus_engine_query_duration_seconds{slice="inner_eval", quantile="0.99", ${OF_CLUSTER}})`,
    legend: '{{job}} query',
  },
  series,
  samples,
  diskUsage,
  diskGrowth,
};
