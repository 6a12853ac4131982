import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { LINES_OF_NODE, logs, OF_NODE, stat, table, timeseries } from '../../core/panels';
import {
  networkErrorsPanel,
  networkTrafficPanel,
  restrictToTimesWithNodeData,
  retransmitsPanel,
  SLOW_SCRAPE_STEP,
  telemetryTrafficPanel,
  uplinkTrafficPanel,
} from './network.panels';
import { DATA_FILE_SYSTEMS } from './storage.rules';

const timeSinceLastSamplePanel = (): Panel =>
  stat(
    'Last data',
    'Time since the last sample from the node.',
    [{ expr: `time() - edge_node:last_seen:timestamp{${OF_NODE}}`, legend: '{{node}}' }],
    { unit: 's', limits: { warning: 120, critical: 300 }, alerts: ['EdgeNodeSilent'] },
  );

const uptimePanel = (): Panel =>
  stat(
    'Uptime',
    'Time since the node booted.',
    [{ expr: `edge_node:uptime:seconds{${OF_NODE}}`, legend: '{{node}}' }],
    { unit: 's', alerts: ['EdgeRebootLoop'] },
  );

const clockOffsetPanel = (): Panel =>
  stat(
    'Clock offset',
    "Offset of the node's clock from NTP time, as reported by the kernel.",
    [{ expr: restrictToTimesWithNodeData(`node_timex_offset_seconds{${OF_NODE}}`), legend: '{{node}}' }],
    { unit: 's', alerts: ['EdgeClockSkewed', 'EdgeClockUnsynchronized'] },
  );

const firingAlertsPanel = (): Panel =>
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

const cpuPanel = (): Panel =>
  timeseries(
    'CPU usage',
    'CPU utilization by mode.',
    [
      {
        expr: restrictToTimesWithNodeData(
          `avg by (cluster, node, mode) (rate(node_cpu_seconds_total{mode!="idle", ${OF_NODE}}[$__rate_interval]))`,
        ),
        legend: '{{node}} {{mode}}',
      },
    ],
    { unit: 'percentunit', alerts: ['EdgeCpuSaturated', 'EdgeCpuThrottled'] },
  );

const loadPanel = (): Panel =>
  timeseries(
    'Load average',
    'Load average over 1 minute, and the number of CPU cores.',
    [
      { expr: restrictToTimesWithNodeData(`node_load1{${OF_NODE}}`), legend: '{{node}}' },
      {
        expr: restrictToTimesWithNodeData(
          `count by (cluster, node) (node_cpu_seconds_total{mode="idle", ${OF_NODE}})`,
        ),
        legend: '{{node}} cores',
        isLimit: true,
      },
    ],
    { width: 12 },
  );

const pressureQuery = (kind: string) => ({
  expr: restrictToTimesWithNodeData(
    `rate(node_pressure_${kind}_waiting_seconds_total{${OF_NODE}}[$__rate_interval])`,
  ),
  legend: `{{node}} ${kind}`,
});

const pressurePanel = (): Panel =>
  timeseries(
    'Pressure (PSI)',
    'Pressure stall information (PSI): percentage of time in which some task waited for CPU, memory or I/O.',
    [pressureQuery('cpu'), pressureQuery('memory'), pressureQuery('io')],
    { unit: 'percentunit', width: 12, emptyWhen: 'the kernel has no PSI' },
  );

const memoryPanel = (): Panel =>
  timeseries(
    'Memory usage',
    'Available and total memory, and used swap if there is any.',
    [
      {
        expr: restrictToTimesWithNodeData(`node_memory_MemAvailable_bytes{${OF_NODE}}`),
        legend: '{{node}} available',
      },
      {
        expr: restrictToTimesWithNodeData(
          `(node_memory_SwapTotal_bytes{${OF_NODE}} > 0) - node_memory_SwapFree_bytes{${OF_NODE}}`,
        ),
        legend: '{{node}} swapped',
      },
      {
        expr: restrictToTimesWithNodeData(`node_memory_MemTotal_bytes{${OF_NODE}}`),
        legend: '{{node}} total',
        isLimit: true,
      },
    ],
    { unit: 'bytes', alerts: ['EdgeMemoryPressure', 'EdgeOomKill'] },
  );

const maxByFileSystemExpr = (figure: string) =>
  `max by (cluster, node, mountpoint) (node_filesystem_${figure}_bytes{${DATA_FILE_SYSTEMS}, ${OF_NODE}})`;

const diskSpacePanel = (): Panel =>
  timeseries(
    'Disk space usage',
    'Used space of each file system.',
    [
      {
        expr: restrictToTimesWithNodeData(
          `1 - ${maxByFileSystemExpr('avail')} / ${maxByFileSystemExpr('size')}`,
        ),
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

const inodesPanel = (): Panel =>
  timeseries(
    'Inode usage',
    'Used inodes of each file system that has a limit.',
    [
      {
        expr: restrictToTimesWithNodeData(
          `1 - max by (cluster, node, mountpoint) (node_filesystem_files_free{${DATA_FILE_SYSTEMS}, ${OF_NODE}}) / (max by (cluster, node, mountpoint) (node_filesystem_files{${DATA_FILE_SYSTEMS}, ${OF_NODE}}) > 0)`,
        ),
        legend: '{{node}} {{mountpoint}}',
      },
    ],
    { unit: 'percentunit', max: 1, width: 6, alerts: ['EdgeInodesLow'] },
  );

const diskThroughputPanel = (): Panel =>
  timeseries(
    'Disk throughput',
    'Bytes read and written per second. Writes wear out SD cards.',
    [
      {
        expr: restrictToTimesWithNodeData(`rate(node_disk_read_bytes_total{${OF_NODE}}[$__rate_interval])`),
        legend: '{{node}} {{device}} read',
      },
      {
        expr: restrictToTimesWithNodeData(
          `rate(node_disk_written_bytes_total{${OF_NODE}}[$__rate_interval])`,
        ),
        legend: '{{node}} {{device}} written',
      },
    ],
    { unit: 'binBps', width: 6 },
  );

const diskUtilizationPanel = (): Panel =>
  timeseries(
    'Disk I/O utilization',
    'Percentage of time in which the disk was busy. A saturated SD card slows down everything.',
    [
      {
        expr: restrictToTimesWithNodeData(
          `rate(node_disk_io_time_seconds_total{${OF_NODE}}[$__rate_interval])`,
        ),
        legend: '{{node}} {{device}}',
      },
    ],
    { unit: 'percentunit', width: 6, interval: SLOW_SCRAPE_STEP },
  );

const temperaturePanel = (): Panel =>
  timeseries(
    'Temperature',
    'Temperature of the hottest sensor.',
    [
      {
        expr: restrictToTimesWithNodeData(
          `max by (cluster, node) (node_hwmon_temp_celsius{${OF_NODE}} or node_thermal_zone_temp{${OF_NODE}})`,
        ),
        legend: '{{node}}',
      },
    ],
    { unit: 'celsius', alerts: ['EdgeTemperatureHigh'], emptyWhen: 'the device has no temperature sensor' },
  );

const logLinesPanel = (): Panel =>
  logs('Logs', 'Log lines of the containers on the node.', [{ expr: `{${LINES_OF_NODE}}` }], {
    source: 'logs',
    emptyWhen: 'no container of the node logged a line',
  });

/** Returns the dashboard about one edge node, or about several nodes that the user selects to compare them. */
export const nodeDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-node',
      opensWithOneNode: true,
      title: 'Edge: node',
      description: 'One edge node: CPU, memory, disks, network, temperature, alerts and logs.',
      rows: [
        {
          title: 'State',
          panels: [timeSinceLastSamplePanel(), uptimePanel(), clockOffsetPanel(), firingAlertsPanel()],
        },
        {
          title: 'CPU and memory',
          panels: [cpuPanel(), memoryPanel(), temperaturePanel(), loadPanel(), pressurePanel()],
        },
        {
          title: 'Disks and network',
          panels: [
            ...[diskSpacePanel(), inodesPanel(), diskThroughputPanel(), diskUtilizationPanel()],
            ...[
              networkTrafficPanel(),
              networkErrorsPanel(),
              retransmitsPanel(),
              uplinkTrafficPanel(),
              telemetryTrafficPanel(),
            ],
          ],
        },
        { title: 'Logs', panels: [logLinesPanel()] },
      ],
    },
  ],
});
