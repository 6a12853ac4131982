/** A series of the simulated fleet. */
export interface SeriesPlan {
  readonly labels: Readonly<Record<string, string>>;
  /** Period and interval of the samples in seconds. */
  readonly seconds: number;
  readonly step: number;
  readonly at: (time: number) => number;
}

const DAY = 86_400;
const HOUR = 3_600;
const RECENT = 900;

const increasing =
  (perSecond: number) =>
  (time: number): number =>
    Math.round(time * perSecond);
const constant = (value: number) => () => value;

type Labels = Readonly<Record<string, string>>;

/** Returns every series of one node that rules read: four cores, two disks, two links, ten pods. */
export function nodeSeries(number: number): SeriesPlan[] {
  const node = `edge-${number}`;
  const where = { cluster: 'bench', group: `group-${number % 20}`, node };
  const pushed = { ...where, job: 'node_exporter', instance: node, hostname: node };
  const make = (
    name: string,
    labels: Labels,
    at: (time: number) => number,
    { seconds = RECENT, step = 10 } = {},
  ): SeriesPlan => ({ labels: { __name__: name, ...labels }, seconds, step, at });
  const each = <T>(values: readonly T[], plan: (value: T) => SeriesPlan[]) => values.flatMap(plan);
  const recorded = { seconds: 6 * HOUR, step: 60 };
  return [
    make('push_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, (time) => time),
    make('push_failure_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, constant(0)),
    make('node_time_seconds', pushed, (time) => time),
    make('node_boot_time_seconds', pushed, constant(1)),
    make('node_timex_sync_status', pushed, constant(1)),
    make('node_timex_maxerror_seconds', pushed, constant(0)),
    make('node_memory_MemTotal_bytes', pushed, constant(4e9)),
    make('node_memory_MemAvailable_bytes', pushed, constant(2e9)),
    make('node_vmstat_oom_kill', pushed, constant(0)),
    make('edge_node:last_seen:timestamp', where, (time) => time, { seconds: HOUR, step: 30 }),
    make('edge_node:uptime:seconds', where, (time) => time, { seconds: 2 * HOUR, step: 30 }),
    ...each(['0', '1', '2', '3'], (cpu) =>
      each(['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user'], (mode) => [
        make('node_cpu_seconds_total', { ...pushed, cpu, mode }, increasing(0.1)),
      ]),
    ),
    ...each(['/', '/data'], (mountpoint) => [
      ...each(['avail_bytes', 'size_bytes', 'files', 'files_free', 'readonly'], (figure) => [
        make(
          `node_filesystem_${figure}`,
          { ...pushed, mountpoint, fstype: 'ext4' },
          constant(figure === 'readonly' ? 0 : 1e9),
        ),
      ]),
      make(
        'edge_filesystem:avail:ratio',
        { ...where, mountpoint },
        (time) => 0.3 + (time % 100) / 1000,
        recorded,
      ),
    ]),
    ...each(['0', '1'], (zone) => [make('node_thermal_zone_temp', { ...pushed, zone }, constant(50))]),
    ...each(['eth0', 'wwan0'], (device) =>
      each(['receive', 'transmit'], (way) => [
        ...each(['errs', 'packets'], (figure) => [
          make(
            `node_network_${way}_${figure}_total`,
            { ...pushed, device },
            increasing(figure === 'errs' ? 0 : 20),
          ),
        ]),
        make(`node_network_${way}_bytes_total`, { ...pushed, device }, increasing(1000), {
          seconds: device === 'wwan0' ? DAY : RECENT,
        }),
      ]),
    ),
    ...each(
      [
        'up',
        'vmagent_remotewrite_pending_data_bytes',
        'vmagent_remotewrite_packets_dropped_total',
        'vm_persistentqueue_bytes_dropped_total',
      ],
      (name) => [
        make(name, { ...where, job: 'edge-metrics-agent' }, constant(name === 'up' ? 1 : 0), {
          seconds: 3 * HOUR,
          step: 60,
        }),
      ],
    ),
    ...each(['0', '1', '2', '3'], (core) => [
      make('node_cpu_core_throttles_total', { ...pushed, core, package: '0' }, constant(0)),
    ]),
    make(
      'kube_node_status_condition',
      { cluster: 'bench', node, condition: 'Ready', status: 'true' },
      constant(1),
      {
        step: 30,
      },
    ),
    make('kube_node_info', { cluster: 'bench', job: 'kube-state-metrics', node }, constant(1), { step: 30 }),
    make('kube_node_role', { cluster: 'bench', job: 'kube-state-metrics', node, role: 'edge' }, constant(1), {
      step: 30,
    }),
    ...each(
      Array.from({ length: 10 }, (_, index) => `pod-${index}`),
      (name) => podSeries(`${name}-${number}`, where),
    ),
  ];
}

/** Returns series under a node name that does not exist in the cluster, pushed and written remotely. */
export function inventedNodeSeries(number: number): SeriesPlan[] {
  const node = `invented-${number}`;
  const where = { cluster: 'bench', group: `group-${number % 20}`, node };
  const pushed = { ...where, job: 'node_exporter', instance: node, hostname: node };
  const make = (name: string, labels: Labels, at: SeriesPlan['at']): SeriesPlan => ({
    labels: { __name__: name, ...labels },
    seconds: RECENT,
    step: 30,
    at,
  });
  return [
    make('push_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, (time) => time),
    make('push_failure_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, constant(0)),
    make('node_load1', pushed, constant(1)),
    make('up', { ...where, job: 'edge-metrics-agent', side: 'edge' }, constant(1)),
  ];
}

/** Returns the series of one pod: from the API server, and from the kubelet of the node. */
function podSeries(pod: string, where: Labels & { node: string }): SeriesPlan[] {
  const known = { cluster: 'bench', namespace: 'shop', pod };
  const own = { ...where, namespace: 'shop', pod, container: 'main' };
  const make = (
    name: string,
    labels: Labels,
    at: (time: number) => number,
    seconds = RECENT,
  ): SeriesPlan => ({
    labels: { __name__: name, ...labels },
    seconds,
    step: 30,
    at,
  });
  return [
    make('kube_pod_info', { ...known, node: where.node }, constant(1)),
    make('kube_pod_container_status_restarts_total', { ...known, container: 'main' }, constant(1), HOUR),
    ...['true', 'false', 'unknown'].map((condition) =>
      make('kube_pod_status_ready', { ...known, condition }, constant(condition === 'true' ? 1 : 0)),
    ),
    ...['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'].map((phase) =>
      make('kube_pod_status_phase', { ...known, phase }, constant(phase === 'Running' ? 1 : 0)),
    ),
    make('container_cpu_cfs_periods_total', own, increasing(10)),
    make('container_cpu_cfs_throttled_periods_total', own, increasing(1)),
    make('container_oom_events_total', own, constant(0)),
  ];
}
