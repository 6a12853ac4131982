import type { Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, stat, timeseries } from '../../core/panels';
import { ruleDurationPanel } from '../evaluated-store';
import type { StorePanels } from '../store-panels';

/** Samples on disk, and not the index. */
export const SAMPLES_MATCHERS = `type=~"storage/.*", ${OF_CLUSTER}`;

/** Paths of queries of rules and dashboards. */
export const QUERY_PATHS_MATCHER = 'path=~".*/api/v1/query(_range)?"';

/** Series of the last hour; vmstorage counts each copy. */
export const activeSeriesPanel = (copies: number): Panel =>
  stat('Series', 'Series with samples within the last hour, including those of the cloud.', [
    {
      expr: `sum(vm_cache_entries{job="vmstorage", type="storage/hour_metric_ids", ${OF_CLUSTER}}) / ${copies}`,
    },
  ]);

/** Samples by the protocol with which they are written; copies do not count. */
export const samplesPanel: Panel = timeseries(
  'Samples ingested / s',
  'Samples that vminsert accepted, and the planned rate of edge nodes.',
  [
    {
      expr: `sum by (type) (rate(vm_rows_inserted_total{job="vminsert", ${OF_CLUSTER}}[$__rate_interval])) > 0`,
      legend: '{{type}}',
    },
  ],
);

/** Size of samples and index, and the space that is left. */
export const diskUsagePanel: Panel = timeseries(
  'Disk usage of vmstorage',
  'Size of samples and index of each vmstorage, and the free space of its volume.',
  [
    {
      expr: `sum by (instance) (vm_data_size_bytes{job="vmstorage", ${OF_CLUSTER}})`,
      legend: '{{instance}}',
    },
    {
      expr: `min by (instance) (vm_free_disk_space_bytes{job="vmstorage", ${OF_CLUSTER}})`,
      legend: '{{instance}} free',
      isLimit: true,
    },
  ],
  { unit: 'bytes', alerts: ['VictoriaMetricsReadOnly', 'KubeVolumeFull'] },
);

/** Growth at the current rate, with the size of the samples that are stored. */
export const diskGrowthPanel: Panel = stat(
  'Disk growth of vmstorage per day',
  'Size of a day of samples at the current rate in all vmstorage, without their index.',
  [
    {
      expr: `sum(rate(vm_rows_added_to_storage_total{job="vmstorage", ${OF_CLUSTER}}[1h])) * 86400 * sum(vm_data_size_bytes{job="vmstorage", ${SAMPLES_MATCHERS}}) / sum(vm_rows{job="vmstorage", ${SAMPLES_MATCHERS}})`,
    },
  ],
  { unit: 'bytes' },
);

/** Panels about a VictoriaMetrics cluster, on the dashboards of the cloud side. */
export const clusterPanels = (copies: number): StorePanels => ({
  ruleDuration: ruleDurationPanel,
  queryDuration: {
    expr: `max by (job) (vm_request_duration_seconds{job="vmselect", quantile="0.99", ${QUERY_PATHS_MATCHER}, ${OF_CLUSTER}})`,
    legend: '{{job}} query',
  },
  series: activeSeriesPanel(copies),
  samples: samplesPanel,
  diskUsage: diskUsagePanel,
  diskGrowth: diskGrowthPanel,
});
