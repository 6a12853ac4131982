import type { RuleSource } from '../../contracts/rules';
import { alertingRule, MUTES_EDGE_ALERTS } from '../../core/alerts';
import { quantity } from '../../core/option-rules';
import { type ThresholdTable, validateAndApplyThresholdDefaults } from '../../core/thresholds';
import { type Quantity, toBytes } from '../../core/units';
import { componentDownAlert } from '../component-down';

/** Thresholds of the alerts about the metrics gateway. */
export interface GatewayThresholds {
  /** MetricsGatewayQueueGrowing fires if the queue of a replica is larger than this size. @default "256Mi" */
  readonly gatewayQueue: Quantity;
}

/** Allowed values and default of each threshold in `GatewayThresholds`. */
export const GATEWAY_THRESHOLDS: ThresholdTable<GatewayThresholds> = {
  gatewayQueue: { default: '256Mi', rule: quantity },
};

/**
 * Template for an edge node in alert texts, such as "edge node edge-1 of group north". The group is left out if the
 * fleet has no groups.
 */
const NODE_TEXT = 'edge node {{ $labels.node }}{{ with $labels.group }} of group {{ . }}{{ end }}';

/**
 * Returns the alerts about the metrics gateway. The alerts use metrics of vmagent 1.145, the series limiter and the
 * write filter.
 * @param given thresholds that override the defaults
 * @param jobs scrape job of the gateway (`job`), and of Prometheus (`store`)
 */
export function alertRulesAboutMetricsGateway(
  given: Partial<GatewayThresholds> = {},
  { job = 'metrics-gateway', store = 'prometheus' }: { readonly job?: string; readonly store?: string } = {},
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('metrics-gateway', GATEWAY_THRESHOLDS, given);
  /** Returns the PromQL selector of a metric of the gateway's vmagent. @param more additional label matchers */
  const promqlSelectorOfGatewayMetric = (metric: string, more = '') => `${metric}{job="${job}"${more}}`;
  return {
    ruleGroups: [
      {
        name: 'metrics-gateway',
        rules: [
          componentDownAlert(
            'MetricsGateway',
            job,
            'critical',
            'samples stay queued on the edge nodes',
            MUTES_EDGE_ALERTS,
          ),
          alertingRule('MetricsGatewayQueueGrowing', {
            severity: 'warning',
            for: '15m',
            expr: `max by (cluster, job, instance) (${promqlSelectorOfGatewayMetric('vmagent_remotewrite_pending_data_bytes')}) > ${toBytes(limits.gatewayQueue)}`,
            summary: 'Queue of {{ $labels.job }} is growing',
            description:
              '{{ $value | humanize1024 }}B of samples are queued in {{ $labels.instance }}: the store is unavailable or too slow.',
          }),
          alertingRule('MetricsGatewayDropping', {
            severity: 'critical',
            expr: `sum by (cluster, job) (
  increase(${promqlSelectorOfGatewayMetric('vmagent_remotewrite_packets_dropped_total')}[15m])
) > 0
or sum by (cluster, job) (
  increase(${promqlSelectorOfGatewayMetric('vm_persistentqueue_bytes_dropped_total')}[15m])
) > 0`,
            summary: '{{ $labels.job }} drops samples',
            description:
              '{{ $labels.job }} dropped samples, possibly of many nodes: its queue is full, or the store rejects the samples permanently.',
          }),
          alertingRule('EdgeSeriesRefused', {
            severity: 'warning',
            expr: `sum by (cluster, group, node, reason) (
  increase(metrics_gateway_limiter_series_refused_total{job="${job}-limiter", reason!="too_many_nodes"}[15m])
) > 0`,
            summary: `Series rejected: ${NODE_TEXT}`,
            description: `{{ $value | humanize }} series that claim to be from ${NODE_TEXT} were removed from requests within 15 minutes ({{ $labels.reason }}). A series that was removed from several requests counts several times.`,
          }),
          alertingRule('EdgeNodesRefused', {
            severity: 'warning',
            for: '5m',
            expr: `sum by (cluster, group) (
  increase(metrics_gateway_limiter_series_refused_total{job="${job}-limiter", reason="too_many_nodes"}[15m])
) > 0`,
            summary:
              'New edge nodes of {{ with $labels.group }}group {{ . }} in {{ end }}cluster {{ $labels.cluster }} are rejected',
            description:
              'New nodes{{ with $labels.group }} of group {{ . }}{{ end }} are rejected, because the limit of nodes is reached. The samples of these nodes stay queued on the nodes.',
          }),
          alertingRule('MetricsGatewayRefusing', {
            severity: 'warning',
            for: '10m',
            expr: `sum by (cluster, job) (rate(${promqlSelectorOfGatewayMetric('vmagent_http_request_errors_total')}[5m])) > 0.1
or sum by (cluster, job) (rate(metrics_gateway_filter_requests_unreadable_total{job="${job}-filter"}[5m])) > 0.1
or sum by (cluster, job) (rate(${promqlSelectorOfGatewayMetric('vm_rows_ignored_total')}[5m])) > 0
or sum by (cluster, job) (rate(metrics_gateway_filter_samples_dropped_total{job="${job}-filter", node=""}[5m])) > 0
or sum by (cluster, job) (rate(prometheus_api_remote_write_invalid_labels_samples_total{job="${store}"}[5m])) > 0`,
            summary: '{{ $labels.job }} rejects remote-write requests',
            description:
              '{{ $labels.job }} rejects {{ $value | humanize }} requests or samples per second: the requests are not valid remote write or too large, or their samples have invalid labels or no known node.',
          }),
        ],
      },
    ],
  };
}
