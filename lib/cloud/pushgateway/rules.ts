import type { RuleSource } from '../../contracts/rules';
import { alertingRule, MUTES_EDGE_ALERTS, recordingRule } from '../../core/alerts';
import { OF_THE_CLOUD } from '../../core/reserved-relabeling';
import {
  defineNumberThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import { componentDownAlert } from '../component-down';

/** Thresholds of the alerts about the Pushgateways. */
export interface PushgatewayThresholds {
  /**
   * Maximum duration of a scrape of a Pushgateway, in seconds. The alert PushgatewaySlow fires above this
   * value. Prometheus cancels a scrape after ten seconds.
   * @default 5
   */
  readonly scrapeSeconds: number;
  /**
   * Maximum number of metric groups (grouping keys) in a Pushgateway. The alert PushgatewayNearLimit fires above this
   * value, and recommends to add a shard. There is about one metric group for each exporter on each node.
   * @default 800
   */
  readonly groups: number;
}

/** Allowed range and default of each threshold in `PushgatewayThresholds`. */
export const PUSHGATEWAY_THRESHOLDS: ThresholdTable<PushgatewayThresholds> = {
  scrapeSeconds: defineNumberThreshold(0.1, 60, 5, 'seconds'),
  groups: defineNumberThreshold(1, 1_000_000, 800, 'groups'),
};

/** Names of the scrape jobs of the Pushgateways. */
export interface PushgatewayNames {
  /**
   * Scrape jobs of the Pushgateways for exporters on edge nodes. While these Pushgateways are down, alerts
   * about edge nodes are muted.
   * @default ["pushgateway"]
   */
  readonly exporters?: readonly string[];
  /**
   * Scrape jobs of the Pushgateways for business services.
   * @default - there is no Pushgateway for business services
   */
  readonly services?: readonly string[];
}

/**
 * Names in the push filter's metrics: for `nodes`, the metric `pushgateway_filter_nodes` is the usage, and
 * `pushgateway_filter_nodes_limit` is the limit. Names that begin with `group_` are about a single node group.
 */
const LIMITED_RESOURCES = ['series', 'shared_series', 'nodes', 'group_shared_series', 'group_nodes'];

/**
 * Returns the alerts about Pushgateways that are down, slow or near their limits, and the recording rules for these
 * alerts.
 */
export function alertAndRecordingRulesAboutPushgateway(
  given: Partial<PushgatewayThresholds> = {},
  { exporters = ['pushgateway'], services = [] }: PushgatewayNames = {},
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('pushgateway', PUSHGATEWAY_THRESHOLDS, given);
  const job = [...exporters, ...services].join('|');
  const mutes = MUTES_EDGE_ALERTS.map((all) => ({ ...all, when: [`job=~"${exporters.join('|')}"`] }));
  // The expression selects the pods that are ready according to kube-state-metrics
  // (https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md).
  const ready = `label_replace(
  kube_pod_status_ready{condition="true", pod=~"(${job})-\\\\d+"} == 1, "job", "$1", "pod", "(.+)-\\\\d+"
)`;
  const down = componentDownAlert('Pushgateway', job, 'critical', 'pushed metrics are not received', mutes);
  return {
    ruleGroups: [
      {
        name: 'pushgateway',
        rules: [
          { ...down, expr: `${down.expr}\nunless on (cluster, job) ${ready}` },
          alertingRule('PushgatewayUnreadable', {
            severity: 'critical',
            for: '2m',
            expr: `max by (cluster, job) (up{job=~"${job}", ${OF_THE_CLOUD}}) == 0\nand on (cluster, job) ${ready}`,
            summary: '{{ $labels.job }} cannot be scraped',
            description:
              'Pods of {{ $labels.job }} are ready, but cannot be scraped: responses are too slow or fail, or a network policy blocks the connection. Pushed metrics do not reach the metrics store.',
            mutes,
          }),
          alertingRule('PushgatewaySlow', {
            severity: 'warning',
            for: '15m',
            expr: `max by (cluster, job) (scrape_duration_seconds{job=~"${job}", ${OF_THE_CLOUD}}) > ${limits.scrapeSeconds}`,
            summary: '{{ $labels.job }} is slow',
            description: 'A scrape of {{ $labels.job }} takes {{ $value | humanizeDuration }}.',
          }),
        ],
      },
      {
        name: 'pushgateway-groups',
        rules: [
          recordingRule(
            'pushgateway:groups:count',
            'Number of metric groups (grouping keys) in each Pushgateway',
            'max by (cluster, pushgateway) (pushgateway_filter_groups)',
          ),
          alertingRule('PushgatewayNearLimit', {
            severity: 'warning',
            for: '1h',
            expr: `pushgateway:groups:count > ${limits.groups}`,
            summary: '{{ $labels.pushgateway }} has many metric groups (grouping keys)',
            description:
              '{{ $labels.pushgateway }} has {{ $value | humanize }} metric groups (grouping keys). Add a shard, or change nodes to remote write.',
          }),
          alertingRule('PushgatewayFull', {
            severity: 'warning',
            for: '15m',
            expr: LIMITED_RESOURCES.map(
              (what) =>
                `max by (cluster, pushgateway, group) (pushgateway_filter_${what} / pushgateway_filter_${what}_limit) > 0.8`,
            ).join('\nor '),
            summary:
              '{{ $labels.pushgateway }} is nearly full{{ with $labels.group }} for node group {{ . }}{{ end }}',
            description:
              '{{ $labels.pushgateway }} has used {{ $value | humanizePercentage }} of its limit of series or nodes{{ with $labels.group }} for node group {{ . }}{{ end }}. When the limit is reached, new series and nodes are rejected. Known series and nodes are still accepted.',
          }),
        ],
      },
    ],
  };
}
