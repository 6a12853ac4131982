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
    'Heard of',
    'Time since the node was heard of last.',
    [{ expr: `time() - edge_node:last_seen:timestamp{${OF_NODE}}`, legend: '{{node}}' }],
    { unit: 's', limits: { warning: 120, critical: 300 }, alerts: ['EdgeNodeSilent'] },
  );

const uptime = (): Panel =>
  stat(
    'Runs for',
    'Time since the start of the node.',
    [{ expr: `edge_node:uptime:seconds{${OF_NODE}}`, legend: '{{node}}' }],
    { unit: 's', alerts: ['EdgeRebootLoop'] },
  );

const clock = (): Panel =>
  stat(
    'Clock',
    'How far the clock is off, by the measure of the kernel.',
    [{ expr: fresh(`node_timex_offset_seconds{${OF_NODE}}`), legend: '{{node}}' }],
    { unit: 's', alerts: ['EdgeClockSkewed', 'EdgeClockUnsynchronized'] },
  );

const firing = (): Panel =>
  table(
    'Alerts',
    'What fires about the node now.',
    [
      {
        expr: `count by (severity, alertname, node) (ALERTS{alertstate="firing", ${OF_NODE}})`,
        legend: 'firing',
      },
    ],
    { emptyWhen: 'nothing fires', height: 4 },
  );

const cpu = (): Panel =>
  timeseries(
    'Processor',
    'Share of the time by what it was used for.',
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
    'Load',
    'Programs that run or want to, on average of a minute, and the cores that there are.',
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
    'Pressure',
    'Share of the time in which some program waited for processor, memory or disk.',
    [waiting('cpu'), waiting('memory'), waiting('io')],
    { unit: 'percentunit', width: 12, emptyWhen: 'the kernel does not measure pressure' },
  );

const memory = (): Panel =>
  timeseries(
    'Memory',
    'What programs can still get, all there is, and what was swapped out where there is swap.',
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
    'Disks',
    'Share of each file system in use.',
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
    'Inodes',
    'Share of the files that a file system can hold. Where it holds any number, it is left out.',
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
    'Reads and writes',
    'Bytes a second. Writes wear cards.',
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
    'Busy disks',
    'Share of the time in which a disk had something to do. A card that is busy all the time makes everything slow.',
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
    'The hottest sensor.',
    [
      {
        expr: fresh(
          `max by (cluster, node) (node_hwmon_temp_celsius{${OF_NODE}} or node_thermal_zone_temp{${OF_NODE}})`,
        ),
        legend: '{{node}}',
      },
    ],
    { unit: 'celsius', alerts: ['EdgeTemperatureHigh'], emptyWhen: 'the device has no sensor' },
  );

const lines = (): Panel =>
  logs('Logs', 'Lines of the containers of the node.', [{ expr: `{${LINES_OF_NODE}}` }], {
    source: 'logs',
    emptyWhen: 'its containers wrote nothing',
  });

/** Returns the dashboard about one node, or several nodes to compare. */
export const nodeDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-node',
      opensWithOneNode: true,
      title: 'Edge: node',
      description: 'One edge node: processor, memory, disks, network, heat, alerts and logs.',
      rows: [
        { title: 'State', panels: [lastSeen(), uptime(), clock(), firing()] },
        { title: 'Processor and memory', panels: [cpu(), memory(), temperature(), load(), pressure()] },
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
