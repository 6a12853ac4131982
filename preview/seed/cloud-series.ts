import { CLUSTER, NODES, type SeededNode, SILENT_FOR } from './fleet';
import { nodePods } from './node-series';
import { type Labels, type SeededSeries, seededSeries } from './series';
import {
  constantValue,
  increasingValue,
  pseudoRandomFraction,
  varyingValue,
  varyingWholeNumber,
} from './values';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const DAY = 86_400;

/** Memory in bytes and CPU cores of each process, and number of processes, by component. */
const COMPONENTS: Readonly<Record<string, readonly [memory: number, cores: number, replicas: number]>> = {
  alertmanager: [38 * MiB, 0.01, 2],
  grafana: [140 * MiB, 0.03, 1],
  'kube-state-metrics': [52 * MiB, 0.02, 1],
  loki: [620 * MiB, 0.21, 1],
  'metrics-gateway': [170 * MiB, 0.12, 2],
  prometheus: [1_340 * MiB, 0.34, 1],
  'pushgateway-services': [31 * MiB, 0.02, 1],
};

/** Returns the series of the components in the cloud, and the series of kube-state-metrics about the nodes. */
export function cloudSeries(end: number): SeededSeries[] {
  const all = [
    ...componentSeries(end),
    ...prometheusSeries(end),
    ...lokiSeries(end),
    ...otherCloudSeries(end),
    ...NODES.flatMap((node) => apiServerSeries(node, end)),
  ];
  return all.map((one) => ({ ...one, labels: { cluster: CLUSTER, ...one.labels } }));
}

function componentSeries(end: number): SeededSeries[] {
  return Object.entries(COMPONENTS).flatMap(([job, [memory, cores, replicas]]) =>
    Array.from({ length: replicas }, (_, index) => {
      const labels = { job, instance: `${job}-${index}.${job}.monitoring.svc:9090` };
      return [
        seededSeries('up', labels, constantValue(1)),
        seededSeries(
          'scrape_duration_seconds',
          labels,
          varyingValue(`${job}/scrape`, 0.01 + 0.12 * pseudoRandomFraction(job), 0.01),
        ),
        seededSeries('scrape_samples_post_metric_relabeling', labels, constantValue(400)),
        seededSeries(
          'process_resident_memory_bytes',
          labels,
          varyingValue(`${job}/${index}/memory`, memory, memory * 0.08),
        ),
        seededSeries(
          'process_cpu_seconds_total',
          labels,
          increasingValue(`${job}/${index}/cpu`, cores, end - DAY),
        ),
      ];
    }).flat(),
  );
}

function prometheusSeries(end: number): SeededSeries[] {
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
    seededSeries('prometheus_tsdb_head_series', own, varyingWholeNumber('head', 11_900, 260)),
    seededSeries(
      'prometheus_tsdb_head_samples_appended_total',
      { ...own, type: 'float' },
      increasingValue('samples', 960, end - 9 * DAY),
    ),
    seededSeries(
      'prometheus_tsdb_head_samples_appended_total',
      { ...own, type: 'histogram' },
      increasingValue('histograms', 4, end - 9 * DAY),
    ),
    seededSeries(
      'prometheus_engine_query_duration_seconds',
      { ...own, slice: 'inner_eval', quantile: '0.99' },
      varyingValue('query', 0.06, 0.03),
    ),
    seededSeries('prometheus_tsdb_storage_blocks_bytes', own, (time) => 6.2 * GiB + (time - end) * 1_400),
    seededSeries('prometheus_tsdb_retention_limit_bytes', own, constantValue(16 * GiB)),
    seededSeries(
      'prometheus_tsdb_compaction_chunk_size_bytes_sum',
      own,
      increasingValue('chunks', 1_250, end - 9 * DAY),
      {
        seconds: 30 * 3_600,
      },
    ),
    seededSeries(
      'prometheus_tsdb_compaction_chunk_samples_sum',
      own,
      increasingValue('samples', 960, end - 9 * DAY),
      {
        seconds: 30 * 3_600,
      },
    ),
    ...groups.map((group) =>
      seededSeries(
        'prometheus_rule_group_last_duration_seconds',
        { ...own, rule_group: `/etc/prometheus-rules/${group}.yaml;${group}` },
        varyingValue(group, 0.004 + 0.03 * pseudoRandomFraction(group), 0.004),
      ),
    ),
  ];
}

function lokiSeries(end: number): SeededSeries[] {
  const own: Labels = { job: 'loki', instance: 'loki-0' };
  const routes: Readonly<Record<string, number>> = {
    loki_api_v1_push: 2.4,
    loki_api_v1_query_range: 0.3,
    ready: 0.1,
  };
  return [
    ...Object.entries(routes).map(([route, rate]) =>
      seededSeries(
        'loki_request_duration_seconds_count',
        { ...own, route, status_code: route.includes('push') ? '204' : '200' },
        increasingValue(route, rate, end - DAY),
      ),
    ),
    ...Object.entries(routes).flatMap(([route, rate]) =>
      ['0.005', '0.025', '0.1', '0.5', '2.5', '+Inf'].map((le, index) =>
        seededSeries(
          'loki_request_duration_seconds_bucket',
          { ...own, route, le },
          increasingValue(route, rate * Math.min(1, 0.6 + index * 0.12), end - DAY),
        ),
      ),
    ),
    seededSeries(
      'loki_distributor_bytes_received_total',
      { ...own, tenant: 'edge' },
      increasingValue('lines', 9_200, end - DAY),
    ),
    seededSeries(
      'loki_distributor_bytes_received_total',
      { ...own, tenant: 'cloud' },
      increasingValue('cloud lines', 2_100, end - DAY),
    ),
    seededSeries(
      'loki_ingester_memory_streams',
      { ...own, tenant: 'edge' },
      varyingWholeNumber('streams', 108, 6),
    ),
    seededSeries(
      'loki_ingester_memory_streams',
      { ...own, tenant: 'cloud' },
      varyingWholeNumber('cloud streams', 24, 2),
    ),
  ];
}

function otherCloudSeries(end: number): SeededSeries[] {
  const pushgateway: Labels = { job: 'pushgateway-services', instance: 'pushgateway-services-0' };
  const claims: Readonly<Record<string, readonly [size: number, used: number]>> = {
    'data-prometheus-0': [20 * GiB, 0.44],
    'data-loki-0': [50 * GiB, 0.61],
    'data-grafana-0': [2 * GiB, 0.07],
  };
  return [
    seededSeries(
      'pushgateway_filter_groups',
      { ...pushgateway, pushgateway: 'pushgateway-services' },
      varyingWholeNumber('groups', 34, 3),
    ),
    ...['200', '400'].map((code) =>
      seededSeries(
        'pushgateway_http_requests_total',
        { ...pushgateway, handler: 'push', code, method: 'put' },
        increasingValue(code, code === '200' ? 1.1 : 0.01, end - DAY),
      ),
    ),
    seededSeries(
      'pushgateway_http_push_size_bytes_sum',
      pushgateway,
      increasingValue('size', 2_600, end - DAY),
    ),
    seededSeries(
      'pushgateway_http_push_size_bytes_count',
      pushgateway,
      increasingValue('pushes', 1.1, end - DAY),
    ),
    ...['0', '1'].flatMap((index) => [
      seededSeries(
        'vmagent_remotewrite_pending_data_bytes',
        { job: 'metrics-gateway', instance: `metrics-gateway-${index}` },
        varyingValue(`gateway/${index}`, 60_000, 40_000),
      ),
    ]),
    ...['webhook', 'email'].flatMap((integration) => {
      const labels = { job: 'alertmanager', instance: 'alertmanager-0', integration };
      return [
        seededSeries(
          'alertmanager_notifications_total',
          labels,
          increasingValue(integration, 0.01, end - DAY),
        ),
        seededSeries('alertmanager_notifications_failed_total', labels, constantValue(0)),
      ];
    }),
    ...Object.entries(claims).flatMap(([persistentvolumeclaim, [size, used]]) => {
      const labels = { job: 'kubelet', node: 'cloud-1', namespace: 'monitoring', persistentvolumeclaim };
      return [
        seededSeries('kubelet_volume_stats_capacity_bytes', labels, constantValue(size), {
          seconds: 30 * 3_600,
        }),
        seededSeries(
          'kubelet_volume_stats_available_bytes',
          labels,
          (time) => size * (1 - used) - (time - end) * 2_300,
          { seconds: 30 * 3_600 },
        ),
      ];
    }),
  ];
}

/** Returns the series of kube-state-metrics about a node and its pods. */
function apiServerSeries({ name, group, trouble }: SeededNode, end: number): SeededSeries[] {
  const api: Labels = { job: 'kube-state-metrics', instance: 'kube-state-metrics-0' };
  const away = trouble === 'silent';
  const isReady = (time: number) => (away && time > end - SILENT_FOR ? 0 : 1);
  const belongs: Labels = group === 'plants' ? {} : { label_apps_kubeedge_io_belonging_to: group };
  const kubelet = group === 'kiosks' ? 'v1.30.7-kubeedge-v1.20.0' : 'v1.31.12-kubeedge-v1.22.0';
  return [
    seededSeries('kube_node_role', { ...api, node: name, role: 'edge' }, constantValue(1)),
    seededSeries('kube_node_labels', { ...api, node: name, ...belongs }, constantValue(1)),
    seededSeries(
      'kube_node_info',
      { ...api, node: name, kubelet_version: kubelet, container_runtime_version: 'containerd://1.7.28' },
      constantValue(1),
    ),
    seededSeries(
      'kube_node_status_condition',
      { ...api, node: name, condition: 'Ready', status: 'true' },
      isReady,
    ),
    ...nodePods(name).flatMap(({ namespace, pod, container }) => {
      const labels = { ...api, namespace, pod };
      const restarts = container === 'video-gate' && pseudoRandomFraction(`${name}/restarts`) < 0.15;
      return [
        seededSeries('kube_pod_info', { ...labels, node: name }, constantValue(1)),
        ...['Running', 'Pending', 'Failed'].map((phase) =>
          seededSeries(
            'kube_pod_status_phase',
            { ...labels, phase },
            constantValue(phase === 'Running' ? 1 : 0),
          ),
        ),
        seededSeries('kube_pod_status_ready', { ...labels, condition: 'true' }, isReady),
        seededSeries(
          'kube_pod_status_ready',
          { ...labels, condition: 'unknown' },
          (time) => 1 - isReady(time),
        ),
        seededSeries('kube_pod_container_status_restarts_total', { ...labels, container }, (time) =>
          restarts ? Math.floor((time - end + DAY) / 9_000) : 0,
        ),
      ];
    }),
  ];
}
