import { CLUSTER, NODES, type SeededNode, SILENT_FOR } from './fleet';
import { pods } from './node-series';
import { type Labels, type SeededSeries, series } from './series';
import { counter, gauge, noise, steady, wholes } from './values';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const DAY = 86_400;

/** Components by the memory and the cores that one of their processes takes, and how many there are. */
const COMPONENTS: Readonly<Record<string, readonly [memory: number, cores: number, replicas: number]>> = {
  alertmanager: [38 * MiB, 0.01, 2],
  grafana: [140 * MiB, 0.03, 1],
  'kube-state-metrics': [52 * MiB, 0.02, 1],
  loki: [620 * MiB, 0.21, 1],
  'metrics-gateway': [170 * MiB, 0.12, 2],
  prometheus: [1_340 * MiB, 0.34, 1],
  'pushgateway-services': [31 * MiB, 0.02, 1],
};

/** What the cloud side says of itself, and what the API server says of the nodes. */
export function cloudSeries(end: number): SeededSeries[] {
  const all = [
    ...components(end),
    ...prometheus(end),
    ...loki(end),
    ...others(end),
    ...NODES.flatMap((node) => knownOf(node, end)),
  ];
  return all.map((one) => ({ ...one, labels: { cluster: CLUSTER, ...one.labels } }));
}

function components(end: number): SeededSeries[] {
  return Object.entries(COMPONENTS).flatMap(([job, [memory, cores, replicas]]) =>
    Array.from({ length: replicas }, (_, index) => {
      const labels = { job, instance: `${job}-${index}.${job}.monitoring.svc:9090` };
      return [
        series('up', labels, steady(1)),
        series('scrape_duration_seconds', labels, gauge(`${job}/scrape`, 0.01 + 0.12 * noise(job), 0.01)),
        series('scrape_samples_post_metric_relabeling', labels, steady(400)),
        series(
          'process_resident_memory_bytes',
          labels,
          gauge(`${job}/${index}/memory`, memory, memory * 0.08),
        ),
        series('process_cpu_seconds_total', labels, counter(`${job}/${index}/cpu`, cores, end - DAY)),
      ];
    }).flat(),
  );
}

function prometheus(end: number): SeededSeries[] {
  const own: Labels = { job: 'prometheus', instance: 'prometheus-0' };
  const groups = [
    'edge-membership',
    'edge-reachability',
    'edge-storage',
    'edge-system',
    'edge-uplink',
    'loki',
    'prometheus',
  ];
  return [
    series('prometheus_tsdb_head_series', own, wholes('head', 11_900, 260)),
    series(
      'prometheus_tsdb_head_samples_appended_total',
      { ...own, type: 'float' },
      counter('samples', 960, end - 9 * DAY),
    ),
    series(
      'prometheus_tsdb_head_samples_appended_total',
      { ...own, type: 'histogram' },
      counter('histograms', 4, end - 9 * DAY),
    ),
    series(
      'prometheus_engine_query_duration_seconds',
      { ...own, slice: 'inner_eval', quantile: '0.99' },
      gauge('query', 0.06, 0.03),
    ),
    series('prometheus_tsdb_storage_blocks_bytes', own, (time) => 6.2 * GiB + (time - end) * 1_400),
    series('prometheus_tsdb_retention_limit_bytes', own, steady(16 * GiB)),
    series('prometheus_tsdb_compaction_chunk_size_bytes_sum', own, counter('chunks', 1_250, end - 9 * DAY), {
      seconds: 30 * 3_600,
    }),
    series('prometheus_tsdb_compaction_chunk_samples_sum', own, counter('samples', 960, end - 9 * DAY), {
      seconds: 30 * 3_600,
    }),
    ...groups.map((group) =>
      series(
        'prometheus_rule_group_last_duration_seconds',
        { ...own, rule_group: `/etc/prometheus-rules/${group}.yaml;${group}` },
        gauge(group, 0.004 + 0.03 * noise(group), 0.004),
      ),
    ),
  ];
}

function loki(end: number): SeededSeries[] {
  const own: Labels = { job: 'loki', instance: 'loki-0' };
  const routes: Readonly<Record<string, number>> = {
    loki_api_v1_push: 2.4,
    loki_api_v1_query_range: 0.3,
    ready: 0.1,
  };
  return [
    ...Object.entries(routes).map(([route, rate]) =>
      series(
        'loki_request_duration_seconds_count',
        { ...own, route, status_code: route.includes('push') ? '204' : '200' },
        counter(route, rate, end - DAY),
      ),
    ),
    ...Object.entries(routes).flatMap(([route, rate]) =>
      ['0.005', '0.025', '0.1', '0.5', '2.5', '+Inf'].map((le, index) =>
        series(
          'loki_request_duration_seconds_bucket',
          { ...own, route, le },
          counter(route, rate * Math.min(1, 0.6 + index * 0.12), end - DAY),
        ),
      ),
    ),
    series(
      'loki_distributor_bytes_received_total',
      { ...own, tenant: 'edge' },
      counter('lines', 9_200, end - DAY),
    ),
    series(
      'loki_distributor_bytes_received_total',
      { ...own, tenant: 'cloud' },
      counter('cloud lines', 2_100, end - DAY),
    ),
    series('loki_ingester_memory_streams', { ...own, tenant: 'edge' }, wholes('streams', 108, 6)),
    series('loki_ingester_memory_streams', { ...own, tenant: 'cloud' }, wholes('cloud streams', 24, 2)),
  ];
}

function others(end: number): SeededSeries[] {
  const pushgateway: Labels = { job: 'pushgateway-services', instance: 'pushgateway-services-0' };
  const claims: Readonly<Record<string, readonly [size: number, used: number]>> = {
    'data-prometheus-0': [20 * GiB, 0.44],
    'data-loki-0': [50 * GiB, 0.61],
    'data-grafana-0': [2 * GiB, 0.07],
  };
  return [
    series(
      'pushgateway_filter_groups',
      { ...pushgateway, pushgateway: 'pushgateway-services' },
      wholes('groups', 34, 3),
    ),
    ...['200', '400'].map((code) =>
      series(
        'pushgateway_http_requests_total',
        { ...pushgateway, handler: 'push', code, method: 'put' },
        counter(code, code === '200' ? 1.1 : 0.01, end - DAY),
      ),
    ),
    series('pushgateway_http_push_size_bytes_sum', pushgateway, counter('size', 2_600, end - DAY)),
    series('pushgateway_http_push_size_bytes_count', pushgateway, counter('pushes', 1.1, end - DAY)),
    ...['0', '1'].flatMap((index) => [
      series(
        'vmagent_remotewrite_pending_data_bytes',
        { job: 'metrics-gateway', instance: `metrics-gateway-${index}` },
        gauge(`gateway/${index}`, 60_000, 40_000),
      ),
    ]),
    ...['webhook', 'email'].flatMap((integration) => {
      const labels = { job: 'alertmanager', instance: 'alertmanager-0', integration };
      return [
        series('alertmanager_notifications_total', labels, counter(integration, 0.01, end - DAY)),
        series('alertmanager_notifications_failed_total', labels, steady(0)),
      ];
    }),
    ...Object.entries(claims).flatMap(([persistentvolumeclaim, [size, used]]) => {
      const labels = { job: 'kubelet', node: 'cloud-1', namespace: 'monitoring', persistentvolumeclaim };
      return [
        series('kubelet_volume_stats_capacity_bytes', labels, steady(size), { seconds: 30 * 3_600 }),
        series(
          'kubelet_volume_stats_available_bytes',
          labels,
          (time) => size * (1 - used) - (time - end) * 2_300,
          { seconds: 30 * 3_600 },
        ),
      ];
    }),
  ];
}

/** What the API server knows of a node and its pods. */
function knownOf({ name, group, trouble }: SeededNode, end: number): SeededSeries[] {
  const api: Labels = { job: 'kube-state-metrics', instance: 'kube-state-metrics-0' };
  const away = trouble === 'silent';
  const isReady = (time: number) => (away && time > end - SILENT_FOR ? 0 : 1);
  const belongs: Labels = group === 'plants' ? {} : { label_apps_kubeedge_io_belonging_to: group };
  const kubelet = group === 'kiosks' ? 'v1.30.7-kubeedge-v1.20.0' : 'v1.31.12-kubeedge-v1.22.0';
  return [
    series('kube_node_role', { ...api, node: name, role: 'edge' }, steady(1)),
    series('kube_node_labels', { ...api, node: name, ...belongs }, steady(1)),
    series(
      'kube_node_info',
      { ...api, node: name, kubelet_version: kubelet, container_runtime_version: 'containerd://1.7.28' },
      steady(1),
    ),
    series('kube_node_status_condition', { ...api, node: name, condition: 'Ready', status: 'true' }, isReady),
    ...pods(name).flatMap(({ namespace, pod, container }) => {
      const labels = { ...api, namespace, pod };
      const restarts = container === 'video-gate' && noise(`${name}/restarts`) < 0.15;
      return [
        series('kube_pod_info', { ...labels, node: name }, steady(1)),
        ...['Running', 'Pending', 'Failed'].map((phase) =>
          series('kube_pod_status_phase', { ...labels, phase }, steady(phase === 'Running' ? 1 : 0)),
        ),
        series('kube_pod_status_ready', { ...labels, condition: 'true' }, isReady),
        series('kube_pod_status_ready', { ...labels, condition: 'unknown' }, (time) => 1 - isReady(time)),
        series('kube_pod_container_status_restarts_total', { ...labels, container }, (time) =>
          restarts ? Math.floor((time - end + DAY) / 9_000) : 0,
        ),
      ];
    }),
  ];
}
