import type { LogAgent } from '../../agents/log-agent';
import {
  allLogAgents,
  backlogByLabelsExpression,
  distinctPromqlExpressionsOfAgents,
} from '../../agents/log-agents';
import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { LINES_OF_NODE, logs, OF_GROUP, OF_NODE, timeseries, topFiveSeriesExpr } from '../../core/panels';

/** Minimum interval between two points of a panel about log lines. */
export const LOG_INTERVAL = '1m';

/** LogQL matchers for the log lines of the selected edge nodes. Lines of cloud nodes have the label `side="cloud"`. */
const EDGE_LINES = `${LINES_OF_NODE}, side!="cloud"`;

const LOG_PANEL_OPTIONS = { source: 'logs', emptyWhen: 'no container logged a line' } as const;

/**
 * Options of graphs about log lines. The points of a graph are at least a minute apart, because Loki reads all log lines
 * of the time range to compute them.
 */
const GRAPH_OPTIONS = { ...LOG_PANEL_OPTIONS, interval: LOG_INTERVAL } as const;

const logVolumeByGroupPanel = (): Panel =>
  timeseries(
    'Log volume by group',
    'Received log lines, in bytes per second.',
    [
      {
        expr: `sum by (group) (bytes_rate({${OF_GROUP}, node=~".+", side!="cloud"}[$__auto]))`,
        legend: '{{group}}',
      },
    ],
    { ...GRAPH_OPTIONS, unit: 'binBps' },
  );

const logVolumeByNodePanel = (): Panel =>
  timeseries(
    'Log volume by node',
    'Bytes per second of received log lines, for the five nodes with the highest volume.',
    [{ expr: `topk(5, sum by (node) (bytes_rate({${EDGE_LINES}}[$__auto])))`, legend: '{{node}}' }],
    { ...GRAPH_OPTIONS, unit: 'binBps', alerts: ['EdgeLogVolumeHigh', 'EdgeLogsMissing'] },
  );

const logVolumeByContainerPanel = (): Panel =>
  timeseries(
    'Log volume by container',
    'Bytes per second of received log lines, for the five containers with the highest volume. Filters for these containers save the most traffic.',
    [
      {
        expr: `topk(5, sum by (namespace, container) (bytes_rate({${EDGE_LINES}}[$__auto])))`,
        legend: '{{namespace}}/{{container}}',
      },
    ],
    { ...GRAPH_OPTIONS, unit: 'binBps' },
  );

const backlogPanel = (agents: readonly LogAgent[]): Panel =>
  timeseries(
    'Log collector backlog',
    'Bytes of log files that the log collector has not sent yet, for the five nodes with the largest backlog.',
    [
      {
        expr: topFiveSeriesExpr(
          distinctPromqlExpressionsOfAgents(agents, (metrics) =>
            backlogByLabelsExpression('node', metrics, OF_NODE),
          ).join(' or '),
        ),
        legend: '{{node}}',
      },
    ],
    {
      unit: 'bytes',
      alerts: ['EdgeLogCollectorBehind'],
      emptyWhen: 'no EdgeMetricsAgent scrapes the collectors',
    },
  );

const errorLinesPanel = (): Panel =>
  timeseries(
    'Lines with "error"',
    'Lines per second that contain "error", "fatal" or "panic", for the five nodes with the most of these lines.',
    [
      {
        expr: `topk(5, sum by (node) (rate({${EDGE_LINES}} |~ "(?i)(error|fatal|panic)" [$__auto])))`,
        legend: '{{node}}',
      },
    ],
    { ...GRAPH_OPTIONS, unit: 'cps', width: 16 },
  );

const logLinesPanel = (): Panel =>
  logs('Lines', 'Log lines of the selected nodes.', [{ expr: `{${EDGE_LINES}}` }], LOG_PANEL_OPTIONS);

/**
 * Returns the dashboard about container logs and their volume.
 * @param agents the log agents that nodes can run; each has its own metric names
 */
export const logsDashboard = (agents: readonly LogAgent[] = allLogAgents()): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-logs',
      title: 'Edge: logs',
      description: 'Log volume of containers by group, node and container, and the log lines.',
      range: '1h',
      refresh: '5m',
      rows: [
        {
          title: 'Log volume',
          panels: [
            logVolumeByGroupPanel(),
            logVolumeByNodePanel(),
            logVolumeByContainerPanel(),
            backlogPanel(agents),
            errorLinesPanel(),
          ],
        },
        { title: 'Log lines', panels: [logLinesPanel()] },
      ],
    },
  ],
});
