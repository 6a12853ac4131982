import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { LINES_OF_NODE, logs, OF_NODE, stat, table, timeseries } from '../../core/panels';
import {
  fresh,
  network,
  networkErrors,
  retransmitted,
  SLOW_SCRAPES,
  telemetry,
  uplink,
} from './network.panels';
import { OF_DATA } from './storage.rules';

const lastSeen = (): Panel =>
  stat(
    'Last data',
    'Time since the last sample from the node.',
    [{ expr: `time() - edge_node:last_seen:timestamp{${OF_NODE}}`, legend: '{{node}}' }],
    { unit: 's', limits: { warning: 120, critical: 300 }, alerts: ['EdgeNodeSilent'] },
  );

const uptime = (): Panel =>
  stat(
    'Uptime',
    'Time since the node booted.',
    [{ expr: `edge_node:uptime:seconds{${OF_NODE}}`, legend: '{{node}}' }],
    { unit: 's', alerts: ['EdgeRebootLoop'] },
  );

const clock = (): Panel =>
  stat(
    'Clock offset',
    'Clock offset as reported by the kernel (NTP).',
    [{ expr: fresh(`node_timex_offset_seconds{${OF_NODE}}`), legend: '{{node}}' }],
    { unit: 's', alerts: ['EdgeClockSkewed', 'EdgeClockUnsynchronized'] },
  );

const firing = (): Panel =>
  table(
    'Alerts',
    'Firing alerts about the node.',
    [
      {
        expr: `count by (severity, alertname, node) (ALERTS{alertstate="firing", ${OF_NODE}})`,
        legend: 'firing',
      },
    ],
    { emptyWhen: 'no alert is firing', height: 4 },
  );

const cpu = (): Panel =>
  timeseries(
    'CPU usage',
    'CPU utilization by mode.',
    [
      {
        expr: fresh(
          `avg by (cluster, node, mode) (rate(node_cpu_seconds_total{mode!="idle", ${OF_NODE}}[$__rate_interval]))`,
        ),
        legend: '{{node}} {{mode}}',
      },
    ],
    { unit: 'percentunit', alerts: ['EdgeCpuSaturated', 'EdgeCpuThrottled'] },
  );

const load = (): Panel =>
  timeseries(
    'Load average',
    'Load average over 1 minute, and the number of CPU cores.',
    [
      { expr: fresh(`node_load1{${OF_NODE}}`), legend: '{{node}}' },
      {
        expr: fresh(`count by (cluster, node) (node_cpu_seconds_total{mode="idle", ${OF_NODE}})`),
        legend: '{{node}} cores',
        isLimit: true,
      },
    ],
    { width: 12 },
  );

const waiting = (kind: string) => ({
  expr: fresh(`rate(node_pressure_${kind}_waiting_seconds_total{${OF_NODE}}[$__rate_interval])`),
  legend: `{{node}} ${kind}`,
});

const pressure = (): Panel =>
  timeseries(
    'Pressure (PSI)',
    'Pressure stall information (PSI): percentage of time in which some task waited for CPU, memory or I/O.',
    [waiting('cpu'), waiting('memory'), waiting('io')],
    { unit: 'percentunit', width: 12, emptyWhen: 'the kernel has no PSI' },
  );

const memory = (): Panel =>
  timeseries(
    'Memory usage',
    'Available and total memory, and used swap if there is any.',
    [
      { expr: fresh(`node_memory_MemAvailable_bytes{${OF_NODE}}`), legend: '{{node}} available' },
      {
        expr: fresh(`(node_memory_SwapTotal_bytes{${OF_NODE}} > 0) - node_memory_SwapFree_bytes{${OF_NODE}}`),
        legend: '{{node}} swapped',
      },
      { expr: fresh(`node_memory_MemTotal_bytes{${OF_NODE}}`), legend: '{{node}} total', isLimit: true },
    ],
    { unit: 'bytes', alerts: ['EdgeMemoryPressure', 'EdgeOomKill'] },
  );

const ofFileSystems = (figure: string) =>
  `max by (cluster, node, mountpoint) (node_filesystem_${figure}_bytes{${OF_DATA}, ${OF_NODE}})`;

const disks = (): Panel =>
  timeseries(
    'Disk space usage',
    'Used space of each file system.',
    [
      {
        expr: fresh(`1 - ${ofFileSystems('avail')} / ${ofFileSystems('size')}`),
        legend: '{{node}} {{mountpoint}}',
      },
    ],
    {
      unit: 'percentunit',
      max: 1,
      width: 6,
      alerts: ['EdgeDiskFull', 'EdgeDiskFilling', 'EdgeFileSystemReadOnly'],
    },
  );

const inodes = (): Panel =>
  timeseries(
    'Inode usage',
    'Used inodes of each file system that has a limit.',
    [
      {
        expr: fresh(
          `1 - max by (cluster, node, mountpoint) (node_filesystem_files_free{${OF_DATA}, ${OF_NODE}}) / (max by (cluster, node, mountpoint) (node_filesystem_files{${OF_DATA}, ${OF_NODE}}) > 0)`,
        ),
        legend: '{{node}} {{mountpoint}}',
      },
    ],
    { unit: 'percentunit', max: 1, width: 6, alerts: ['EdgeInodesLow'] },
  );

const diskTraffic = (): Panel =>
  timeseries(
    'Disk throughput',
    'Bytes read and written per second. Writes wear out SD cards.',
    [
      {
        expr: fresh(`rate(node_disk_read_bytes_total{${OF_NODE}}[$__rate_interval])`),
        legend: '{{node}} {{device}} read',
      },
      {
        expr: fresh(`rate(node_disk_written_bytes_total{${OF_NODE}}[$__rate_interval])`),
        legend: '{{node}} {{device}} written',
      },
    ],
    { unit: 'binBps', width: 6 },
  );

const busyDisks = (): Panel =>
  timeseries(
    'Disk I/O utilization',
    'Percentage of time in which the disk was busy. A saturated SD card slows down everything.',
    [
      {
        expr: fresh(`rate(node_disk_io_time_seconds_total{${OF_NODE}}[$__rate_interval])`),
        legend: '{{node}} {{device}}',
      },
    ],
    { unit: 'percentunit', width: 6, interval: SLOW_SCRAPES },
  );

const temperature = (): Panel =>
  timeseries(
    'Temperature',
    'Temperature of the hottest sensor.',
    [
      {
        expr: fresh(
          `max by (cluster, node) (node_hwmon_temp_celsius{${OF_NODE}} or node_thermal_zone_temp{${OF_NODE}})`,
        ),
        legend: '{{node}}',
      },
    ],
    { unit: 'celsius', alerts: ['EdgeTemperatureHigh'], emptyWhen: 'the device has no temperature sensor' },
  );

const lines = (): Panel =>
  logs('Logs', 'Log lines of the containers on the node.', [{ expr: `{${LINES_OF_NODE}}` }], {
    source: 'logs',
    emptyWhen: 'its containers logged nothing',
  });

/** Returns the dashboard about one node, or several nodes to compare. */
export const nodeDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-node',
      opensWithOneNode: true,
      title: 'Edge: node',
      description: 'One edge node: CPU, memory, disks, network, temperature, alerts and logs.',
      rows: [
        { title: 'State', panels: [lastSeen(), uptime(), clock(), firing()] },
        { title: 'CPU and memory', panels: [cpu(), memory(), temperature(), load(), pressure()] },
        {
          title: 'Disks and network',
          panels: [
            ...[disks(), inodes(), diskTraffic(), busyDisks()],
            ...[network(), networkErrors(), retransmitted(), uplink(), telemetry()],
          ],
        },
        { title: 'Logs', panels: [lines()] },
      ],
    },
  ],
});
