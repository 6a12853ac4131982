import type { Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, timeseries, topFiveSeriesExpr } from '../../core/panels';
import { EVALUATOR } from './rule-evaluator';
import { SCRAPER } from './scraper';

/** Panel with the duration of rule evaluations by vmalert, for the five slowest rule groups. */
export const ruleDurationPanel: Panel = timeseries(
  'Rule evaluation duration',
  'Duration of rule evaluations (99th percentile), for the five slowest rule groups.',
  [
    {
      expr: topFiveSeriesExpr(
        `max by (cluster, group) (vmalert_iteration_duration_seconds{job="${EVALUATOR}", quantile="0.99", ${OF_CLUSTER}})`,
      ),
      legend: '{{group}}',
    },
  ],
  { unit: 's', alerts: ['MetricsRulesFailing'] },
);

/**
 * Panel with the samples per second that are written to a store outside of this stack. The metrics gateway writes
 * samples of edge nodes, and a vmagent (the scraper) writes samples of targets in the cloud.
 */
export const writtenSamplesPanel: Panel = timeseries(
  'Samples written / s',
  'Samples per second that the metrics gateway and the scraper write to the store.',
  [
    {
      expr: `sum by (job) (rate(vmagent_remotewrite_rows_pushed_after_relabel_total{job=~"${SCRAPER}|metrics-gateway", ${OF_CLUSTER}}[$__rate_interval]))`,
      legend: '{{job}}',
    },
  ],
  { alerts: ['MetricsScraperBehind', 'MetricsGatewayQueueGrowing'] },
);
