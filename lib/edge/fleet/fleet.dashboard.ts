import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, OF_GROUP, stat, table, timeseries, topFiveSeriesExpr } from '../../core/panels';

const nodeCountPanel = (): Panel =>
  stat(
    'Nodes',
    'Number of edge nodes of the fleet.',
    [{ expr: `sum(edge_group:nodes:count{${OF_GROUP}})` }],
    { width: 3 },
  );

const silentNodesPercentagePanel = (): Panel =>
  stat(
    'Silent',
    'Percentage of nodes that send no data.',
    [
      {
        expr: `sum(edge_group:silent:ratio{${OF_GROUP}} * edge_group:nodes:count{${OF_GROUP}}) / sum(edge_group:nodes:count{${OF_GROUP}})`,
      },
    ],
    { width: 3, unit: 'percentunit', limits: { warning: 0.01, critical: 0.1 }, alerts: ['EdgeFleetSilent'] },
  );

const nodesOutsideFleetCountPanel = (): Panel =>
  stat(
    'Unknown nodes',
    'Node names that send metrics without being part of the fleet. No other panel includes these nodes; the dashboard "Edge: pushes and agents" lists their names.',
    [{ expr: `sum(edge_fleet:unknown_nodes:count{${OF_CLUSTER}}) or vector(0)` }],
    { width: 4, limits: { warning: 1, critical: 100 }, alerts: ['EdgeNodesUnknown'] },
  );

const connectedNodeCountPanel = (): Panel =>
  stat(
    'Connected',
    'Edge nodes that are connected to CloudCore, which means that their Node object is ready.',
    [{ expr: `sum(edge_fleet:nodes_connected:count{${OF_CLUSTER}})` }],
    { width: 3, alerts: ['KubeEdgeNodesDisconnecting'], emptyWhen: 'there is no kube-state-metrics' },
  );

const firingAlertsPanel = (): Panel =>
  stat(
    'Alerts',
    'Number of firing alerts about edge nodes.',
    [{ expr: `count(ALERTS{alertstate="firing", alertname=~"Edge.*", ${OF_GROUP}}) or vector(0)` }],
    { width: 3, limits: { warning: 1, critical: 10 } },
  );

const fleetUplinkTrafficPanel = (): Panel =>
  stat(
    'Uplink traffic per day (all nodes)',
    'Bytes over the metered links of all nodes within a day.',
    [{ expr: `sum(edge_group:uplink_bytes:increase1d{${OF_GROUP}})` }],
    { unit: 'bytes', emptyWhen: 'no network device matches uplinkDevices' },
  );

const uplinkBudgetUsedPanel = (): Panel =>
  stat(
    'Uplink budget used',
    'Uplink traffic of all nodes within a day, as a percentage of the sum of their budgets.',
    [
      {
        expr: `sum(edge_group:uplink_bytes:increase1d{${OF_GROUP}}) / (sum(edge_group:nodes:count{${OF_GROUP}}) * scalar(edge_node:uplink_budget:bytes))`,
      },
    ],
    {
      unit: 'percentunit',
      width: 4,
      limits: { warning: 0.8, critical: 1 },
      alerts: ['EdgeUplinkOverBudget'],
      emptyWhen: 'no network device matches uplinkDevices',
    },
  );

const nodeGroupsTable = (): Panel =>
  table(
    'Groups',
    'Number of nodes of each node group, and the percentage of silent nodes.',
    [
      { expr: `edge_group:nodes:count{${OF_GROUP}}`, legend: 'nodes' },
      { expr: `edge_group:silent:ratio{${OF_GROUP}}`, legend: 'silent' },
      {
        // Groups without metered links show 0 bytes.
        expr: `edge_group:uplink_bytes:increase1d{${OF_GROUP}} or 0 * edge_group:nodes:count{${OF_GROUP}}`,
        legend: 'uplink a day',
      },
    ],
    { units: { silent: 'percentunit', 'uplink a day': 'bytes' }, alerts: ['EdgeGroupSilent'] },
  );

const silentNodesTable = (): Panel =>
  table(
    'Silent nodes',
    'Nodes that send no data, and the time since their last sample. Panels about CPU, memory, disks, temperature and kernels exclude silent nodes.',
    [
      {
        expr: `time() - edge_node:last_seen:timestamp{${OF_GROUP}} and on (cluster, node) edge_node:silent`,
        legend: 'silent for',
      },
    ],
    { unit: 's', alerts: ['EdgeNodeSilent'], emptyWhen: 'all nodes send data' },
  );

const nodesSendingDataPanel = (): Panel =>
  timeseries(
    'Nodes sending data',
    'Number of nodes that send data, by group. A sudden drop indicates a site that lost its uplink or power.',
    [{ expr: `count by (group) (edge_node:fresh{${OF_GROUP}})`, legend: '{{group}}' }],
    { width: 24 },
  );

const uplinkByGroupPanel = (): Panel =>
  timeseries(
    'Uplink traffic by group',
    'Bytes per second over metered links, in both directions.',
    [{ expr: `sum by (group) (edge_node:uplink_bytes:rate5m{${OF_GROUP}})`, legend: '{{group}}' }],
    { unit: 'binBps', emptyWhen: 'no network device matches uplinkDevices' },
  );

const kernelVersionsTable = (): Panel =>
  table('Systems', 'Kernels and architectures of the nodes that send data.', [
    {
      expr: `count by (release, machine) (node_uname_info{${OF_GROUP}} and on (cluster, node) edge_node:fresh)`,
      legend: 'nodes',
    },
  ]);

const kubeEdgeVersionsTable = (): Panel =>
  table(
    'KubeEdge',
    'Versions of EdgeCore and of the container runtime.',
    [
      {
        expr: `count by (kubelet_version, container_runtime_version) (kube_node_info{${OF_CLUSTER}} and on (cluster, node) edge_node:last_seen:timestamp)`,
        legend: 'nodes',
      },
    ],
    { emptyWhen: 'there is no kube-state-metrics' },
  );

/** Returns a panel with the five nodes that have the highest values in the dashboard's time range. */
const topFiveNodesPanel = (
  title: string,
  description: string,
  expr: string,
  unit: string,
  more: Partial<Panel> = {},
): Panel =>
  timeseries(title, description, [{ expr: topFiveSeriesExpr(expr), legend: '{{node}} {{mountpoint}}' }], {
    unit,
    ...more,
  });

/** Returns the dashboard with an overview of the fleet: silent nodes, traffic, and the nodes with the highest load. */
export const fleetDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-fleet',
      title: 'Edge: fleet overview',
      description:
        'Health by group, silent nodes, versions, uplink traffic, and the nodes with the highest load.',
      variables: ['cluster', 'group'],
      rows: [
        {
          title: 'Health',
          panels: [
            ...[
              nodeCountPanel(),
              silentNodesPercentagePanel(),
              nodesOutsideFleetCountPanel(),
              connectedNodeCountPanel(),
              firingAlertsPanel(),
              fleetUplinkTrafficPanel(),
              uplinkBudgetUsedPanel(),
            ],
            ...[nodeGroupsTable(), silentNodesTable(), nodesSendingDataPanel()],
          ],
        },
        { title: 'Versions', panels: [kernelVersionsTable(), kubeEdgeVersionsTable()] },
        {
          title: 'Top consumers',
          panels: [
            uplinkByGroupPanel(),
            topFiveNodesPanel(
              'Uplink traffic per day',
              'Bytes over metered links within a day.',
              `edge_node:uplink_bytes:increase1d{${OF_GROUP}}`,
              'bytes',
              {
                alerts: ['EdgeUplinkOverBudget'],
                emptyWhen: 'no network device matches uplinkDevices',
              },
            ),
            topFiveNodesPanel(
              'CPU usage',
              'CPU utilization.',
              `edge_node:cpu_used:ratio{${OF_GROUP}}`,
              'percentunit',
              {
                alerts: ['EdgeCpuSaturated'],
              },
            ),
            topFiveNodesPanel(
              'Memory usage',
              'Used memory.',
              `1 - edge_node:memory_available:ratio{${OF_GROUP}}`,
              'percentunit',
              {
                alerts: ['EdgeMemoryPressure'],
              },
            ),
            topFiveNodesPanel(
              'Disk space usage',
              'Used space of the fullest file system.',
              `1 - edge_filesystem:avail:ratio{${OF_GROUP}}`,
              'percentunit',
              {
                alerts: ['EdgeDiskFull'],
              },
            ),
            topFiveNodesPanel(
              'Temperature',
              'Temperature of the hottest sensor.',
              `edge_node:temperature:celsius{${OF_GROUP}}`,
              'celsius',
              {
                alerts: ['EdgeTemperatureHigh'],
                emptyWhen: 'the devices have no temperature sensors',
              },
            ),
          ],
        },
      ],
    },
  ],
});
