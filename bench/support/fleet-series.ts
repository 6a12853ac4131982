/** Labels, times and values of a series of the simulated fleet. */
export interface SeriesPlan {
  readonly labels: Readonly<Record<string, string>>;
  /** Period in seconds for which there are samples. */
  readonly seconds: number;
  /** Interval between two samples in seconds. */
  readonly step: number;
  /** Returns the value at a time in seconds since 1970. */
  readonly at: (time: number) => number;
}

const DAY = 86_400;
const HOUR = 3_600;
const RECENT = 900;

const increasingValue =
  (perSecond: number) =>
  (time: number): number =>
    Math.round(time * perSecond);
const constantValue = (value: number) => () => value;

type Labels = Readonly<Record<string, string>>;

/**
 * Returns every series of one node that rules read. The node has four cores, two disks, two network interfaces and ten
 * pods.
 */
export function nodeSeries(number: number): SeriesPlan[] {
  const node = `edge-${number}`;
  const where = { cluster: 'bench', group: `group-${number % 20}`, node };
  const pushed = { ...where, job: 'node_exporter', instance: node, hostname: node };
  const createPlan = (
    name: string,
    labels: Labels,
    at: (time: number) => number,
    { seconds = RECENT, step = 10 } = {},
  ): SeriesPlan => ({ labels: { __name__: name, ...labels }, seconds, step, at });
  const createPlansForEach = <T>(values: readonly T[], plan: (value: T) => SeriesPlan[]) =>
    values.flatMap(plan);
  const recorded = { seconds: 6 * HOUR, step: 60 };
  return [
    createPlan('push_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, (time) => time),
    createPlan('push_failure_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, constantValue(0)),
    createPlan('node_time_seconds', pushed, (time) => time),
    createPlan('node_boot_time_seconds', pushed, constantValue(1)),
    createPlan('node_timex_sync_status', pushed, constantValue(1)),
    createPlan('node_timex_maxerror_seconds', pushed, constantValue(0)),
    createPlan('node_memory_MemTotal_bytes', pushed, constantValue(4e9)),
    createPlan('node_memory_MemAvailable_bytes', pushed, constantValue(2e9)),
    createPlan('node_vmstat_oom_kill', pushed, constantValue(0)),
    createPlan('edge_node:last_seen:timestamp', where, (time) => time, { seconds: HOUR, step: 30 }),
    createPlan('edge_node:uptime:seconds', where, (time) => time, { seconds: 2 * HOUR, step: 30 }),
    ...createPlansForEach(['0', '1', '2', '3'], (cpu) =>
      createPlansForEach(['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user'], (mode) => [
        createPlan('node_cpu_seconds_total', { ...pushed, cpu, mode }, increasingValue(0.1)),
      ]),
    ),
    ...createPlansForEach(['/', '/data'], (mountpoint) => [
      ...createPlansForEach(['avail_bytes', 'size_bytes', 'files', 'files_free', 'readonly'], (figure) => [
        createPlan(
          `node_filesystem_${figure}`,
          { ...pushed, mountpoint, fstype: 'ext4' },
          constantValue(figure === 'readonly' ? 0 : 1e9),
        ),
      ]),
      createPlan(
        'edge_filesystem:avail:ratio',
        { ...where, mountpoint },
        (time) => 0.3 + (time % 100) / 1000,
        recorded,
      ),
    ]),
    ...createPlansForEach(['0', '1'], (zone) => [
      createPlan('node_thermal_zone_temp', { ...pushed, zone }, constantValue(50)),
    ]),
    ...createPlansForEach(['eth0', 'wwan0'], (device) =>
      createPlansForEach(['receive', 'transmit'], (way) => [
        ...createPlansForEach(['errs', 'packets'], (figure) => [
          createPlan(
            `node_network_${way}_${figure}_total`,
            { ...pushed, device },
            increasingValue(figure === 'errs' ? 0 : 20),
          ),
        ]),
        createPlan(`node_network_${way}_bytes_total`, { ...pushed, device }, increasingValue(1000), {
          seconds: device === 'wwan0' ? DAY : RECENT,
        }),
      ]),
    ),
    ...createPlansForEach(
      [
        'up',
        'vmagent_remotewrite_pending_data_bytes',
        'vmagent_remotewrite_packets_dropped_total',
        'vm_persistentqueue_bytes_dropped_total',
      ],
      (name) => [
        createPlan(name, { ...where, job: 'edge-metrics-agent' }, constantValue(name === 'up' ? 1 : 0), {
          seconds: 3 * HOUR,
          step: 60,
        }),
      ],
    ),
    ...createPlansForEach(['0', '1', '2', '3'], (core) => [
      createPlan('node_cpu_core_throttles_total', { ...pushed, core, package: '0' }, constantValue(0)),
    ]),
    createPlan(
      'kube_node_status_condition',
      { cluster: 'bench', node, condition: 'Ready', status: 'true' },
      constantValue(1),
      {
        step: 30,
      },
    ),
    createPlan('kube_node_info', { cluster: 'bench', job: 'kube-state-metrics', node }, constantValue(1), {
      step: 30,
    }),
    createPlan(
      'kube_node_role',
      { cluster: 'bench', job: 'kube-state-metrics', node, role: 'edge' },
      constantValue(1),
      {
        step: 30,
      },
    ),
    ...createPlansForEach(
      Array.from({ length: 10 }, (_, index) => `pod-${index}`),
      (name) => podSeries(`${name}-${number}`, where),
    ),
  ];
}

/** Returns the series of a node name that does not exist in the cluster: the series of pushes, and of remote write. */
export function unknownNodeSeries(number: number): SeriesPlan[] {
  const node = `invented-${number}`;
  const where = { cluster: 'bench', group: `group-${number % 20}`, node };
  const pushed = { ...where, job: 'node_exporter', instance: node, hostname: node };
  const createPlan = (name: string, labels: Labels, at: SeriesPlan['at']): SeriesPlan => ({
    labels: { __name__: name, ...labels },
    seconds: RECENT,
    step: 30,
    at,
  });
  return [
    createPlan('push_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, (time) => time),
    createPlan('push_failure_time_seconds', { ...pushed, pushgateway: 'pushgateway' }, constantValue(0)),
    createPlan('node_load1', pushed, constantValue(1)),
    createPlan('up', { ...where, job: 'edge-metrics-agent', side: 'edge' }, constantValue(1)),
  ];
}

/** Returns the series of one pod: the series from the API server, and the series from the kubelet of the node. */
function podSeries(pod: string, where: Labels & { node: string }): SeriesPlan[] {
  const known = { cluster: 'bench', namespace: 'shop', pod };
  const own = { ...where, namespace: 'shop', pod, container: 'main' };
  const createPlan = (
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
    createPlan('kube_pod_info', { ...known, node: where.node }, constantValue(1)),
    createPlan(
      'kube_pod_container_status_restarts_total',
      { ...known, container: 'main' },
      constantValue(1),
      HOUR,
    ),
    ...['true', 'false', 'unknown'].map((condition) =>
      createPlan(
        'kube_pod_status_ready',
        { ...known, condition },
        constantValue(condition === 'true' ? 1 : 0),
      ),
    ),
    ...['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'].map((phase) =>
      createPlan('kube_pod_status_phase', { ...known, phase }, constantValue(phase === 'Running' ? 1 : 0)),
    ),
    createPlan('container_cpu_cfs_periods_total', own, increasingValue(10)),
    createPlan('container_cpu_cfs_throttled_periods_total', own, increasingValue(1)),
    createPlan('container_oom_events_total', own, constantValue(0)),
  ];
}
