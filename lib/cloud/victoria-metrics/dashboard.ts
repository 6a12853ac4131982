import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, stat, timeseries } from '../../core/panels';
import { activeSeriesPanel, diskUsagePanel, QUERY_PATHS_MATCHER, samplesPanel } from './panels';

const OF_VMSTORAGE = `job="vmstorage", ${OF_CLUSTER}`;
const OF_VMINSERT = `job="vminsert", ${OF_CLUSTER}`;
const OF_VMSELECT = `job="vmselect", ${OF_CLUSTER}`;
const INSTANCE = '{{instance}}';

const podsPanel: Panel = stat(
  'Pods',
  'Number of pods that are up, by program.',
  [{ expr: `sum by (job) (up{job=~"vminsert|vmselect|vmstorage", ${OF_CLUSTER}})`, legend: '{{job}}' }],
  { width: 6, limits: { warning: 1, critical: 0.5 }, alerts: ['VictoriaMetricsDown'] },
);

const newSeriesPanel: Panel = stat(
  'New series / h',
  'Series that were created within the last hour. Each copy of a series is counted. Many new series need more memory and a larger index.',
  [{ expr: `sum(increase(vm_new_timeseries_created_total{${OF_VMSTORAGE}}[1h]))` }],
  { width: 6 },
);

const freeSpacePanel: Panel = stat(
  'Free disk space',
  'Free space of the fullest vmstorage pod, as a percentage of its volume. Below 5 %, the pod accepts no samples.',
  [{ expr: `min(vm_free_disk_space_bytes{${OF_VMSTORAGE}} / vm_total_disk_space_bytes{${OF_VMSTORAGE}})` }],
  {
    ...{ unit: 'percentunit', width: 6, limits: { warning: 0.2, critical: 0.1 } },
    alerts: ['VictoriaMetricsReadOnly'],
  },
);

const storedPanel: Panel = timeseries(
  'Samples stored / s',
  'Samples that each vmstorage pod stores per second. The rates of all pods should be about equal. Each copy of a sample is counted.',
  [
    {
      expr: `sum by (instance) (rate(vm_rows_added_to_storage_total{${OF_VMSTORAGE}}[$__rate_interval]))`,
      legend: INSTANCE,
    },
  ],
);

const slowInsertsPanel: Panel = timeseries(
  'Slow inserts',
  'Percentage of the samples whose series are not in the caches of vmstorage. Above 5 %, vmstorage needs more memory.',
  [
    {
      expr: `sum by (instance) (rate(vm_slow_row_inserts_total{${OF_VMSTORAGE}}[$__rate_interval])) / sum by (instance) (rate(vm_rows_added_to_storage_total{${OF_VMSTORAGE}}[$__rate_interval]))`,
      legend: INSTANCE,
    },
  ],
  { unit: 'percentunit', alerts: ['VictoriaMetricsInsertsSlow'] },
);

const queuePanel: Panel = timeseries(
  'Queue of vminsert',
  'Bytes of samples in the memory of vminsert that wait for each vmstorage pod. The queue of a pod grows when the pod is slow or down.',
  [{ expr: `sum by (addr) (vm_rpc_buf_pending_bytes{${OF_VMINSERT}})`, legend: '{{addr}}' }],
  { unit: 'bytes' },
);

const waitingPanel: Panel = timeseries(
  'Queues in front of vminsert',
  'Bytes of samples that the metrics gateway and the scraper have not written yet.',
  [
    {
      expr: `sum by (job) (vmagent_remotewrite_pending_data_bytes{job=~"metrics-gateway|metrics-scraper", ${OF_CLUSTER}})`,
      legend: '{{job}}',
    },
  ],
  { unit: 'bytes', alerts: ['MetricsScraperBehind', 'MetricsGatewayQueueGrowing'] },
);

const lostPanel: Panel = timeseries(
  'Rejected samples, and samples with too few copies',
  'Samples per second that the cluster drops, by reason, and samples per second that are written to fewer vmstorage pods than replicationFactor.',
  [
    {
      expr: `sum by (reason) (rate(vm_rows_ignored_total{job=~"vminsert|vmstorage", ${OF_CLUSTER}}[$__rate_interval]))`,
      legend: '{{reason}}',
    },
    {
      expr: `sum by (job) (rate(vm_rpc_rows_incompletely_replicated_total{${OF_VMINSERT}}[$__rate_interval]))`,
      legend: 'too few copies',
    },
  ],
  { alerts: ['VictoriaMetricsSamplesRejected', 'VictoriaMetricsUnderReplicated'] },
);

const queryDurationPanel: Panel = timeseries(
  'Query duration',
  'Duration of the queries of rules and dashboards: 50th and 99th percentile.',
  ['0.5', '0.99'].map((quantile) => ({
    expr: `max by (path) (vm_request_duration_seconds{quantile="${quantile}", ${QUERY_PATHS_MATCHER}, ${OF_VMSELECT}})`,
    legend: `{{path}} ${quantile}`,
  })) as [Panel['queries'][0], Panel['queries'][0]],
  { unit: 's' },
);

const queriesPanel: Panel = timeseries(
  'Queries / s',
  'Queries of rules and dashboards per second, and failed queries per second.',
  [
    {
      expr: `sum by (path) (rate(vm_http_requests_total{${QUERY_PATHS_MATCHER}, ${OF_VMSELECT}}[$__rate_interval]))`,
      legend: '{{path}}',
    },
    {
      expr: `sum by (path) (rate(vm_http_request_errors_total{${QUERY_PATHS_MATCHER}, ${OF_VMSELECT}}[$__rate_interval]))`,
      legend: '{{path}} failed',
    },
  ],
  { unit: 'reqps', alerts: ['VictoriaMetricsQueriesFailing'] },
);

const concurrentQueriesPanel: Panel = timeseries(
  'Concurrent queries',
  'Number of queries that each vmselect pod executes at the same time, and the limit of each pod. Further queries wait.',
  [
    { expr: `sum by (instance) (vm_concurrent_select_current{${OF_VMSELECT}})`, legend: INSTANCE },
    {
      expr: `min by (job) (vm_concurrent_select_capacity{${OF_VMSELECT}})`,
      legend: 'limit of each pod',
      isLimit: true,
    },
  ],
);

const mergesPanel: Panel = timeseries(
  'Parts',
  'Number of parts: folders with files that contain samples and index. Merges keep the number low; if it grows, vmstorage needs more CPU.',
  [{ expr: `sum by (instance) (vm_parts{${OF_VMSTORAGE}})`, legend: INSTANCE }],
);

/**
 * Returns the dashboard about a VictoriaMetrics cluster. The queries use metrics of VictoriaMetrics 1.146.
 * @param copies number of vmstorage pods that store each sample
 */
export const victoriaMetricsDashboard = (copies: number): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-victoria-metrics',
      title: 'Edge: VictoriaMetrics cluster',
      description: 'Ingestion, storage and queries of the VictoriaMetrics cluster that stores the metrics.',
      variables: ['cluster'],
      rows: [
        {
          title: 'Now',
          panels: [podsPanel, { ...activeSeriesPanel(copies), width: 6 }, newSeriesPanel, freeSpacePanel],
        },
        {
          title: 'Ingestion',
          panels: [samplesPanel, storedPanel, slowInsertsPanel, waitingPanel, queuePanel, lostPanel],
        },
        { title: 'Queries', panels: [queryDurationPanel, queriesPanel, concurrentQueriesPanel] },
        {
          title: 'Storage',
          panels: [
            { ...diskUsagePanel, width: 12 },
            { ...mergesPanel, width: 12 },
          ],
        },
      ],
    },
  ],
});
