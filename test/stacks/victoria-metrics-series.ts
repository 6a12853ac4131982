import { CLUSTER } from '../../preview/seed/fleet';
import { type SeededSeries, seededSeries } from '../../preview/seed/series';
import { constantValue, increasingValue, varyingValue } from '../../preview/seed/values';

const GiB = 2 ** 30;
const DAY = 86_400;
const PATHS = ['query', 'query_range'].map((name) => `/select/{}/prometheus/api/v1/${name}`);

/** Metrics of the programs of a VictoriaMetrics cluster, as those of version 1.146 expose them. */
export function victoriaMetricsSeries(end: number): SeededSeries[] {
  const all = [
    ...[0, 1, 2].flatMap((number) => storageSeries(`vmstorage-${number}.vmstorage.monitoring.svc:8482`, end)),
    ...insertSeries({ job: 'vminsert', instance: '10.0.0.1:8480' }, end),
    ...selectSeries({ job: 'vmselect', instance: '10.0.0.2:8481' }, end),
    ...evaluatorSeries({ job: 'metrics-rules', instance: '10.0.0.3:8880' }),
    ...['metrics-gateway', 'metrics-scraper'].flatMap((job) => [
      seededSeries(
        'vmagent_remotewrite_pending_data_bytes',
        { job },
        varyingValue(`${job}/pending`, 2e6, 1e6),
      ),
      seededSeries(
        'vmagent_remotewrite_rows_pushed_after_relabel_total',
        { job, path: '/api/v1/write', url: '1:secret-url' },
        increasingValue(`${job}/rows`, 900, end - DAY),
      ),
    ]),
  ];
  return all.map((one) => ({ ...one, labels: { cluster: CLUSTER, ...one.labels } }));
}

function storageSeries(instance: string, end: number): SeededSeries[] {
  const own = { job: 'vmstorage', instance };
  const path = { ...own, path: '/var/lib/vmstorage/data' };
  return [
    seededSeries('up', own, constantValue(1)),
    seededSeries(
      'vm_rows_added_to_storage_total',
      own,
      increasingValue(`${instance}/rows`, 1_200, end - DAY),
    ),
    seededSeries('vm_slow_row_inserts_total', own, increasingValue(`${instance}/slow`, 3, end - DAY)),
    seededSeries('vm_new_timeseries_created_total', own, increasingValue(`${instance}/new`, 0.1, end - DAY)),
    seededSeries('vm_free_disk_space_bytes', path, varyingValue(`${instance}/free`, 12 * GiB, GiB)),
    seededSeries('vm_total_disk_space_bytes', path, constantValue(20 * GiB)),
    seededSeries('vm_rows_ignored_total', { ...own, reason: 'big_timestamp' }, constantValue(0)),
    seededSeries(
      'vm_cache_entries',
      { ...own, type: 'storage/hour_metric_ids' },
      varyingValue(`${instance}/series`, 9_000, 90),
    ),
    ...['storage/inmemory', 'storage/small', 'storage/big', 'indexdb/file'].flatMap((type) => [
      seededSeries('vm_data_size_bytes', { ...own, type }, varyingValue(`${instance}/${type}`, GiB, GiB / 9)),
      seededSeries('vm_rows', { ...own, type }, varyingValue(`${instance}/${type}/rows`, 2e9, 2e8)),
      seededSeries('vm_parts', { ...own, type }, varyingValue(`${instance}/${type}/parts`, 9, 3)),
    ]),
  ];
}

function insertSeries(own: { readonly job: string; readonly instance: string }, end: number): SeededSeries[] {
  const addr = 'vmstorage-0.vmstorage.monitoring.svc:8400';
  const each = { ...own, name: 'vminsert' };
  return [
    seededSeries('up', own, constantValue(1)),
    seededSeries(
      'vm_rows_inserted_total',
      { ...own, type: 'promremotewrite' },
      increasingValue('vminsert/rows', 1_800, end - DAY),
    ),
    seededSeries('vm_rpc_rows_incompletely_replicated_total', each, constantValue(0)),
    seededSeries(
      'vm_rpc_buf_pending_bytes',
      { ...each, addr, rpc_call: 'metric_rows' },
      varyingValue('vminsert/pending', 9e4, 2e4),
    ),
  ];
}

function selectSeries(own: { readonly job: string; readonly instance: string }, end: number): SeededSeries[] {
  return [
    seededSeries('up', own, constantValue(1)),
    seededSeries('vm_concurrent_select_current', own, constantValue(1)),
    seededSeries('vm_concurrent_select_capacity', own, constantValue(4)),
    ...PATHS.flatMap((path) => [
      seededSeries(
        'vm_http_requests_total',
        { ...own, path },
        increasingValue(`vmselect/${path}`, 4, end - DAY),
      ),
      seededSeries('vm_http_request_errors_total', { ...own, path }, constantValue(0)),
    ]),
    ...['0.5', '0.99'].flatMap((quantile) =>
      ['/api/v1/query', '/api/v1/query_range'].map((path) =>
        seededSeries(
          'vm_request_duration_seconds',
          { ...own, path, quantile },
          varyingValue(`vmselect/${path}/${quantile}`, 0.02, 0.01),
        ),
      ),
    ),
  ];
}

const evaluatorSeries = (own: { readonly job: string; readonly instance: string }): SeededSeries[] =>
  ['edge-reachability', 'edge-system', 'edge-pods'].map((group) =>
    seededSeries(
      'vmalert_iteration_duration_seconds',
      { ...own, group, file: `/etc/metrics-rules/${group}.yaml`, quantile: '0.99' },
      varyingValue(`vmalert/${group}`, 0.08, 0.02),
    ),
  );
