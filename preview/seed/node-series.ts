import { AWAY, CLUSTER, type SeededNode, SILENT_FOR } from './fleet';
import { type Labels, type SeededSeries, seededSeries } from './series';
import { type At, constantValue, increasingValue, pseudoRandomFraction, varyingValue } from './values';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const DAY = 86_400;

/** Period of the series that dashboards add up over a day. */
const A_DAY = { seconds: 30 * 3_600 };

const MODES: Readonly<Record<string, number>> = { user: 0.16, system: 0.06, iowait: 0.02, softirq: 0.01 };

/** Returns the series of a node and its agents. @param end time of the last samples in seconds since 1970 */
export function nodeSeries(node: SeededNode, end: number): SeededSeries[] {
  const { name, group, trouble, wasAway } = node;
  const all = [
    ...systemSeries(node, end),
    ...storageSeries(node),
    ...networkSeries(node),
    ...agentSeries(node, end),
  ];
  const gaps = [
    ...(trouble === 'silent' ? [[SILENT_FOR, Number.NEGATIVE_INFINITY] as const] : []),
    ...(wasAway ? [AWAY] : []),
  ];
  return all.map((one) => ({
    ...one,
    labels: { cluster: CLUSTER, group, node: name, side: 'edge', instance: name, ...one.labels },
    gaps,
    // The samples of each node have another offset, because real nodes do not measure at the same time.
    earlier: Math.floor(pseudoRandomFraction(`${name}/phase`) * 59_000) / 1_000,
  }));
}

const EXPORTER: Labels = { job: 'node_exporter' };

function systemSeries({ name, group, trouble }: SeededNode, end: number): SeededSeries[] {
  const isBusy = trouble === 'hot';
  const busy = Object.entries(MODES).map(
    ([mode, share]) =>
      [mode, isBusy ? share * 3.7 : share * (0.4 + 1.2 * pseudoRandomFraction(`${name}/busy`))] as const,
  );
  const idle = 1 - busy.reduce((sum, [, share]) => sum + share, 0);
  const cpus = ['0', '1'].flatMap((cpu) =>
    [...busy, ['idle', idle] as const].map(([mode, share]) =>
      seededSeries(
        'node_cpu_seconds_total',
        { ...EXPORTER, cpu, mode },
        increasingValue(`${name}/${cpu}/${mode}`, share, end - 9 * DAY),
      ),
    ),
  );
  const total = group === 'plants' ? 4 * GiB : 2 * GiB;
  const started = end - (1 + Math.floor(pseudoRandomFraction(name) * 60)) * DAY;
  const skew = trouble === 'wrong clock' ? 14.2 : 0;
  const machine = group === 'vehicles' ? 'aarch64' : 'x86_64';
  const release = group === 'kiosks' ? '6.6.51-yocto' : '6.12.48+deb13';
  return [
    ...cpus,
    seededSeries('node_load1', EXPORTER, varyingValue(`${name}/load`, isBusy ? 2.6 : 0.6, 0.5)),
    seededSeries('node_memory_MemTotal_bytes', EXPORTER, constantValue(total)),
    seededSeries(
      'node_memory_MemAvailable_bytes',
      EXPORTER,
      varyingValue(`${name}/memory`, total * (0.35 + 0.3 * pseudoRandomFraction(name)), total * 0.1),
    ),
    seededSeries('node_memory_SwapTotal_bytes', EXPORTER, constantValue(group === 'plants' ? GiB : 0)),
    seededSeries(
      'node_memory_SwapFree_bytes',
      EXPORTER,
      group === 'plants' ? varyingValue(`${name}/swap`, 0.8 * GiB, 0.1 * GiB) : constantValue(0),
    ),
    seededSeries('node_netstat_Tcp_OutSegs', EXPORTER, increasingValue(`${name}/segments`, 40)),
    seededSeries(
      'node_netstat_Tcp_RetransSegs',
      EXPORTER,
      increasingValue(`${name}/again`, group === 'vehicles' ? 1.4 : 0.06),
    ),
    ...['cpu', 'memory', 'io'].map((kind) =>
      seededSeries(
        `node_pressure_${kind}_waiting_seconds_total`,
        EXPORTER,
        increasingValue(`${name}/${kind}`, isBusy ? 0.3 : 0.02, end - DAY),
      ),
    ),
    seededSeries('node_time_seconds', EXPORTER, (time) => time + skew),
    seededSeries('node_boot_time_seconds', EXPORTER, constantValue(started)),
    seededSeries('node_timex_sync_status', EXPORTER, constantValue(skew ? 0 : 1)),
    seededSeries('node_timex_maxerror_seconds', EXPORTER, constantValue(skew ? 16 : 0.01)),
    seededSeries(
      'node_timex_offset_seconds',
      EXPORTER,
      skew ? constantValue(skew) : varyingValue(`${name}/clock`, 0.0004, 0.0006),
    ),
    seededSeries(
      'node_thermal_zone_temp',
      { ...EXPORTER, zone: '0' },
      varyingValue(`${name}/heat`, isBusy ? 84 : 46 + 12 * pseudoRandomFraction(name), 4),
    ),
    seededSeries(
      'node_uname_info',
      { ...EXPORTER, machine, release, sysname: 'Linux', nodename: name },
      constantValue(1),
    ),
    seededSeries('node_vmstat_oom_kill', EXPORTER, constantValue(0)),
  ];
}

function storageSeries({ name, trouble }: SeededNode): SeededSeries[] {
  const disks: Readonly<Record<string, number>> = { '/': 16 * GiB, '/data': 64 * GiB };
  const freeBytesOfFillingDisk =
    (size: number): At =>
    (time) =>
      size * 0.04 - (time % DAY) * 200;
  return [
    ...Object.entries(disks).flatMap(([mountpoint, size]) => {
      const labels = {
        ...EXPORTER,
        mountpoint,
        fstype: 'ext4',
        device: mountpoint === '/' ? '/dev/mmcblk0p2' : '/dev/sda1',
      };
      const isFull = trouble === 'full disk' && mountpoint === '/data';
      const free = size * (0.35 + 0.4 * pseudoRandomFraction(`${name}${mountpoint}`));
      return [
        seededSeries('node_filesystem_size_bytes', labels, constantValue(size)),
        seededSeries(
          'node_filesystem_avail_bytes',
          labels,
          isFull ? freeBytesOfFillingDisk(size) : varyingValue(`${name}${mountpoint}`, free, size * 0.02),
        ),
        seededSeries('node_filesystem_files', labels, constantValue(1e6)),
        seededSeries('node_filesystem_files_free', labels, constantValue(8e5)),
        seededSeries('node_filesystem_readonly', labels, constantValue(0)),
      ];
    }),
    seededSeries(
      'node_disk_io_time_seconds_total',
      { ...EXPORTER, device: 'mmcblk0' },
      increasingValue(`${name}/busy`, 0.05 + 0.2 * pseudoRandomFraction(`${name}/disk`)),
    ),
    seededSeries(
      'node_disk_read_bytes_total',
      { ...EXPORTER, device: 'mmcblk0' },
      increasingValue(`${name}/read`, 90_000),
    ),
    seededSeries(
      'node_disk_written_bytes_total',
      { ...EXPORTER, device: 'mmcblk0' },
      increasingValue(`${name}/written`, 260_000),
    ),
  ];
}

function networkSeries({ name, group }: SeededNode): SeededSeries[] {
  const devices = Object.entries({ eth0: 24_000, ...(group === 'vehicles' && { wwan0: 190 }) });
  return devices.flatMap(([device, rate]) => {
    const own = rate * (0.5 + pseudoRandomFraction(`${name}/${device}`));
    return [
      seededSeries(
        'node_network_receive_bytes_total',
        { ...EXPORTER, device },
        increasingValue(`${name}/${device}/in`, own),
        A_DAY,
      ),
      ...['receive', 'transmit'].flatMap((way) => [
        seededSeries(`node_network_${way}_errs_total`, { ...EXPORTER, device }, constantValue(0)),
        seededSeries(
          `node_network_${way}_drop_total`,
          { ...EXPORTER, device },
          increasingValue(`${name}/${device}/${way}`, device === 'wwan0' ? 0.02 : 0),
        ),
      ]),
      seededSeries(
        'node_network_transmit_bytes_total',
        { ...EXPORTER, device },
        increasingValue(`${name}/${device}/out`, own * 0.7),
        A_DAY,
      ),
    ];
  });
}

function agentSeries({ name, group, trouble }: SeededNode, end: number): SeededSeries[] {
  const agent = { job: 'edge-metrics-agent' };
  const backlogBytes: At = (time) => 6 * MiB + Math.max(0, time - end + 9_000) * 9_000;
  const count = group === 'vehicles' ? 190 : 420;
  return [
    seededSeries('up', agent, constantValue(1)),
    seededSeries('scrape_series_current', { job: 'node_exporter' }, constantValue(count)),
    seededSeries(
      'vmagent_remotewrite_pending_data_bytes',
      agent,
      trouble === 'growing queue' ? backlogBytes : varyingValue(`${name}/queue`, 22_000, 16_000),
    ),
    seededSeries(
      'vmagent_remotewrite_bytes_sent_total',
      agent,
      increasingValue(`${name}/sent`, count * 0.45),
    ),
    seededSeries(
      'vmagent_remotewrite_conn_bytes_written_total',
      agent,
      increasingValue(`${name}/conn`, count * 0.5),
      A_DAY,
    ),
    seededSeries(
      'vmagent_remotewrite_conn_bytes_read_total',
      agent,
      increasingValue(`${name}/conn/read`, count * 0.05),
      A_DAY,
    ),
    seededSeries('vmagent_remotewrite_packets_dropped_total', agent, constantValue(0)),
    seededSeries(
      'fluentbit_output_chunk_available_capacity_percent',
      { job: 'edge-log-collector', name: 'loki.0' },
      varyingValue(`${name}/logs`, 99.9958, 0.0037),
    ),
    ...nodePods(name).flatMap(({ namespace, pod, container, cores, memory }) => {
      const labels = { job: 'cadvisor', namespace, pod, container };
      return [
        seededSeries(
          'container_cpu_usage_seconds_total',
          labels,
          increasingValue(`${pod}/cpu`, cores, end - DAY),
        ),
        ...['receive', 'transmit'].map((way) =>
          seededSeries(
            `container_network_${way}_bytes_total`,
            { job: 'cadvisor', namespace, pod },
            increasingValue(`${pod}/${way}`, cores * 60_000),
          ),
        ),
        seededSeries(
          'container_memory_working_set_bytes',
          labels,
          varyingValue(`${pod}/memory`, memory, memory * 0.1),
        ),
      ];
    }),
  ];
}

/** Returns the pods of a node, with their CPU cores and memory in bytes. */
export function nodePods(node: string) {
  const size = 0.6 + pseudoRandomFraction(`${node}/pods`);
  const randomPod = (namespace: string, name: string, cores: number, memory: number) => ({
    namespace,
    pod: `${name}-${Math.floor(pseudoRandomFraction(`${node}/${name}`) * 36 ** 5)
      .toString(36)
      .padStart(5, '0')}`,
    container: name,
    cores: cores * size,
    memory: memory * size * MiB,
  });
  return [
    randomPod('factory', 'meter-reader', 0.08, 96),
    randomPod('factory', 'video-gate', 0.22, 310),
    randomPod('monitoring-edge', 'edge-metrics-agent', 0.02, 58),
    randomPod('monitoring-edge', 'edge-log-collector', 0.01, 24),
  ];
}
