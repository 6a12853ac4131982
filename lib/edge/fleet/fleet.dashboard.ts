import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, OF_GROUP, stat, table, timeseries, worst } from '../../core/panels';

const nodes = (): Panel =>
  stat(
    'Nodes',
    'Nodes of the fleet, as the API server lists them.',
    [{ expr: `sum(edge_group:nodes:count{${OF_GROUP}})` }],
    { width: 3 },
  );

const silentShare = (): Panel =>
  stat(
    'Silent',
    'Share of the nodes that are not heard of.',
    [
      {
        expr: `sum(edge_group:silent:ratio{${OF_GROUP}} * edge_group:nodes:count{${OF_GROUP}}) / sum(edge_group:nodes:count{${OF_GROUP}})`,
      },
    ],
    { width: 3, unit: 'percentunit', limits: { warning: 0.01, critical: 0.1 }, alerts: ['EdgeFleetSilent'] },
  );

const unknown = (): Panel =>
  stat(
    'Unknown nodes',
    'Names that send metrics and are no nodes of the fleet; no other figure counts them. The dashboard of pushes lists them.',
    [{ expr: `sum(edge_fleet:unknown_nodes:count{${OF_CLUSTER}}) or vector(0)` }],
    { width: 4, limits: { warning: 1, critical: 100 }, alerts: ['EdgeNodesUnknown'] },
  );

const connected = (): Panel =>
  stat(
    'Connected',
    'Edge nodes that CloudCore is connected to: the API server holds them ready.',
    [{ expr: `sum(edge_fleet:nodes_connected:count{${OF_CLUSTER}})` }],
    { width: 3, alerts: ['KubeEdgeNodesDisconnecting'], emptyWhen: 'kube-state-metrics is not there' },
  );

const firing = (): Panel =>
  stat(
    'Alerts',
    'Alerts about the edge that fire now.',
    [{ expr: `count(ALERTS{alertstate="firing", alertname=~"Edge.*", ${OF_GROUP}}) or vector(0)` }],
    { width: 3, limits: { warning: 1, critical: 10 } },
  );

const spent = (): Panel =>
  stat(
    'Uplink spent, a day',
    'Bytes over metered links within a day, of all nodes.',
    [{ expr: `sum(edge_group:uplink_bytes:increase1d{${OF_GROUP}})` }],
    { unit: 'bytes', emptyWhen: 'no node has a network device that is metered' },
  );

const budgetShare = (): Panel =>
  stat(
    'Of the budget',
    'What was spent of what all nodes together may spend a day.',
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
      emptyWhen: 'no node has a network device that is metered',
    },
  );

const groups = (): Panel =>
  table(
    'Groups',
    'Nodes of each group, and the share of them that is silent.',
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

const silentNodes = (): Panel =>
  table(
    'Silent nodes',
    'Nodes that are not heard of, and for how long. Their other figures are left out everywhere.',
    [
      {
        expr: `time() - edge_node:last_seen:timestamp{${OF_GROUP}} and on (cluster, node) edge_node:silent`,
        legend: 'silent for',
      },
    ],
    { unit: 's', alerts: ['EdgeNodeSilent'], emptyWhen: 'all nodes are heard of' },
  );

const heardOf = (): Panel =>
  timeseries(
    'Nodes heard of',
    'By group. A step down is a site that lost its uplink or its power.',
    [{ expr: `count by (group) (edge_node:fresh{${OF_GROUP}})`, legend: '{{group}}' }],
    { width: 24 },
  );

const uplinkByGroup = (): Panel =>
  timeseries(
    'Uplink by group',
    'Bytes a second over metered links, both ways.',
    [{ expr: `sum by (group) (edge_node:uplink_bytes:rate5m{${OF_GROUP}})`, legend: '{{group}}' }],
    { unit: 'binBps', emptyWhen: 'no node has a network device that is metered' },
  );

const systems = (): Panel =>
  table('Systems', 'Kernels and architectures of the nodes that are heard of.', [
    {
      expr: `count by (release, machine) (node_uname_info{${OF_GROUP}} and on (cluster, node) edge_node:fresh)`,
      legend: 'nodes',
    },
  ]);

const versions = (): Panel =>
  table(
    'KubeEdge',
    'Versions of EdgeCore and of the container runtime.',
    [
      {
        expr: `count by (kubelet_version, container_runtime_version) (kube_node_info{${OF_CLUSTER}} and on (cluster, node) edge_node:last_seen:timestamp)`,
        legend: 'nodes',
      },
    ],
    { emptyWhen: 'kube-state-metrics is not there' },
  );

/** Returns a panel of the nodes with the highest values over the dashboard's time range. */
const top = (
  title: string,
  description: string,
  expr: string,
  unit: string,
  more: Partial<Panel> = {},
): Panel =>
  timeseries(title, description, [{ expr: worst(expr), legend: '{{node}} {{mountpoint}}' }], {
    unit,
    ...more,
  });

/** Returns the overview of the fleet: silent nodes, traffic, and the nodes with the highest load. */
export const fleetDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-fleet',
      title: 'Edge: fleet overview',
      description: 'Health by group, silent nodes, versions, what the uplinks cost, and who needs most.',
      variables: ['cluster', 'group'],
      rows: [
        {
          title: 'Health',
          panels: [
            ...[nodes(), silentShare(), unknown(), connected(), firing(), spent(), budgetShare()],
            ...[groups(), silentNodes(), heardOf()],
          ],
        },
        { title: 'Versions', panels: [systems(), versions()] },
        {
          title: 'Top consumers',
          panels: [
            uplinkByGroup(),
            top(
              'Uplink within a day',
              'Bytes over metered links.',
              `edge_node:uplink_bytes:increase1d{${OF_GROUP}}`,
              'bytes',
              {
                alerts: ['EdgeUplinkOverBudget'],
                emptyWhen: 'no node has a network device that is metered',
              },
            ),
            top(
              'Processor',
              'Share of processor time in use.',
              `edge_node:cpu_used:ratio{${OF_GROUP}}`,
              'percentunit',
              {
                alerts: ['EdgeCpuSaturated'],
              },
            ),
            top(
              'Memory',
              'Share of memory in use.',
              `1 - edge_node:memory_available:ratio{${OF_GROUP}}`,
              'percentunit',
              {
                alerts: ['EdgeMemoryPressure'],
              },
            ),
            top(
              'Disk',
              'Share of a file system in use.',
              `1 - edge_filesystem:avail:ratio{${OF_GROUP}}`,
              'percentunit',
              {
                alerts: ['EdgeDiskFull'],
              },
            ),
            top(
              'Temperature',
              'The hottest sensor of each node.',
              `edge_node:temperature:celsius{${OF_GROUP}}`,
              'celsius',
              {
                alerts: ['EdgeTemperatureHigh'],
                emptyWhen: 'the devices have no sensors',
              },
            ),
          ],
        },
      ],
    },
  ],
});
