import type { Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, stat, timeseries } from '../../core/panels';
import { ruleDurationPanel } from '../evaluated-store';
import type { StorePanels } from '../store-panels';

/** PromQL label matchers for metrics about the samples on disk, without the index. */
export const SAMPLES_MATCHERS = `type=~"storage/.*", ${OF_CLUSTER}`;

/** PromQL label matcher for metrics about the queries of rules and dashboards. */
export const QUERY_PATHS_MATCHER = 'path=~".*/api/v1/query(_range)?"';

/**
 * Returns the panel with the number of series that had samples within the last hour. vmstorage counts each
 * copy of a series, so the query divides by the number of copies.
 * @param copies number of vmstorage pods that store each sample
 */
export const activeSeriesPanel = (copies: number): Panel =>
  stat('Series', 'Series with samples within the last hour, including the series of the cloud components.', [
    {
      expr: `sum(vm_cache_entries{job="vmstorage", type="storage/hour_metric_ids", ${OF_CLUSTER}}) / ${copies}`,
    },
  ]);

/** Panel with the samples per second that vminsert accepts, by protocol. Copies of samples are not counted. */
export const samplesPanel: Panel = timeseries(
  'Samples ingested / s',
  'Samples per second that vminsert accepts.',
  [
    {
      expr: `sum by (type) (rate(vm_rows_inserted_total{job="vminsert", ${OF_CLUSTER}}[$__rate_interval])) > 0`,
      legend: '{{type}}',
    },
  ],
);

/** Panel with the size of samples and index, and the free space, of each vmstorage pod. */
export const diskUsagePanel: Panel = timeseries(
  'Disk usage of vmstorage',
  'Size of the samples and the index of each vmstorage pod, and the free space of its volume.',
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

/** Panel with the disk space that a day of samples needs: the current sample rate times the bytes per stored sample. */
export const diskGrowthPanel: Panel = stat(
  'Disk growth of vmstorage per day',
  'Disk space that all vmstorage pods together need for a day of samples at the current rate, without the index.',
  [
    {
      expr: `sum(rate(vm_rows_added_to_storage_total{job="vmstorage", ${OF_CLUSTER}}[1h])) * 86400 * sum(vm_data_size_bytes{job="vmstorage", ${SAMPLES_MATCHERS}}) / sum(vm_rows{job="vmstorage", ${SAMPLES_MATCHERS}})`,
    },
  ],
  { unit: 'bytes' },
);

/**
 * Returns the panels about a VictoriaMetrics cluster, for the dashboards about the cloud components.
 * @param copies number of vmstorage pods that store each sample
 */
export const victoriaMetricsPanels = (copies: number): StorePanels => ({
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
