import type { DashboardSource, Panel } from '../contracts/dashboards';
import { OF_CLUSTER, stat, table, timeseries } from '../core/panels';

const series = (): Panel =>
  stat('Series', 'Series that Prometheus writes to now.', [
    { expr: `sum(prometheus_tsdb_head_series{${OF_CLUSTER}})` },
  ]);

const seriesOfNode = (): Panel =>
  stat('Series of a node', 'On average, of those that are pushed.', [
    {
      expr: `sum(scrape_samples_post_metric_relabeling{job="pushgateway", node="", ${OF_CLUSTER}}) / sum(edge_fleet:nodes:count{${OF_CLUSTER}})`,
    },
  ]);

const samples = (): Panel =>
  timeseries('Samples a second', 'What Prometheus stores.', [
    {
      expr: `sum by (type) (rate(prometheus_tsdb_head_samples_appended_total{${OF_CLUSTER}}[$__rate_interval]))`,
      legend: '{{type}}',
    },
  ]);

const stored = (): Panel =>
  timeseries(
    'Prometheus on disk',
    'Blocks, and the most that they may take.',
    [
      { expr: `prometheus_tsdb_storage_blocks_bytes{${OF_CLUSTER}}`, legend: 'blocks' },
      { expr: `prometheus_tsdb_retention_limit_bytes{${OF_CLUSTER}}`, legend: 'limit' },
    ],
    { unit: 'bytes', alerts: ['KubeVolumeFull'] },
  );

const perDay = (): Panel =>
  stat(
    'Prometheus a day',
    'Bytes of blocks that a day of samples takes, at the pace of today: what its volume is planned with.',
    [
      {
        expr: `sum(rate(prometheus_tsdb_head_samples_appended_total{${OF_CLUSTER}}[1h])) * 86400 * sum(rate(prometheus_tsdb_compaction_chunk_size_bytes_sum{${OF_CLUSTER}}[1d])) / sum(rate(prometheus_tsdb_compaction_chunk_samples_sum{${OF_CLUSTER}}[1d]))`,
      },
    ],
    { unit: 'bytes', emptyWhen: 'no block was compacted within a day' },
  );

const volumes = (): Panel =>
  table(
    'Volumes',
    'Share in use, and days until they are full at the pace of the last day.',
    [
      {
        expr: `max by (namespace, persistentvolumeclaim) (1 - kubelet_volume_stats_available_bytes{${OF_CLUSTER}} / kubelet_volume_stats_capacity_bytes{${OF_CLUSTER}})`,
        legend: 'in use',
      },
      {
        expr: `min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{${OF_CLUSTER}} / (-deriv(kubelet_volume_stats_available_bytes{${OF_CLUSTER}}[1d]) * 86400 > 0))`,
        legend: 'days left',
      },
    ],
    {
      units: { 'in use': 'percentunit' },
      width: 24,
      alerts: ['KubeVolumeFull', 'KubeVolumeFilling'],
      emptyWhen: 'no kubelet is read',
    },
  );

const groups = (): Panel =>
  timeseries(
    'Groups of the Pushgateways',
    'From some hundred on, share the load or move to remote write.',
    [{ expr: `pushgateway:groups:count{${OF_CLUSTER}}`, legend: '{{pushgateway}}' }],
    { alerts: ['PushgatewayNearLimit', 'PushgatewaySlow'] },
  );

const nodes = (): Panel =>
  timeseries('Nodes', 'How the fleet grows.', [
    { expr: `edge_fleet:nodes:count{${OF_CLUSTER}}`, legend: '{{cluster}}' },
  ]);

const logs = (): Panel =>
  timeseries(
    'Bytes that Loki takes',
    'By tenant, a second.',
    [
      {
        expr: `sum by (tenant) (rate(loki_distributor_bytes_received_total{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{tenant}}',
      },
    ],
    { unit: 'Bps' },
  );

const streams = (): Panel =>
  timeseries(
    'Streams of Loki',
    'That are written to now.',
    [{ expr: `sum by (tenant) (loki_ingester_memory_streams{${OF_CLUSTER}})`, legend: '{{tenant}}' }],
    { alerts: ['LokiIngestionRefused'] },
  );

/** How much there is, how much it may become, and when it is too much. */
export const capacityDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-capacity',
      title: 'Edge: capacity',
      description: 'How the fleet and what it stores grow, and how long volumes last.',
      variables: ['cluster'],
      rows: [
        { title: 'Now', panels: [series(), seriesOfNode(), perDay()] },
        { title: 'Growth', panels: [nodes(), samples(), groups(), logs(), streams(), stored()] },
        { title: 'Volumes', panels: [volumes()] },
      ],
    },
  ],
});
