import type { LogAgent } from '../../agents/log-agent';
import { backlogBy, logAgentsWith, ofAgents } from '../../agents/log-agents';
import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { LINES_OF_NODE, logs, OF_GROUP, OF_NODE, timeseries, worst } from '../../core/panels';

/** Minimum interval between two points of a panel about log lines. */
export const LOG_INTERVAL = '1m';

/** Log lines of the selected edge nodes, without those of cloud nodes. */
const EDGE_LINES = `${LINES_OF_NODE}, side!="cloud"`;

const LOGS = { source: 'logs', emptyWhen: 'no container wrote a line' } as const;

/** Loki reads every line of the range for a graph, so each panel has few points. */
const FIGURES = { ...LOGS, interval: LOG_INTERVAL } as const;

const byGroup = (): Panel =>
  timeseries(
    'Bytes by group',
    'Lines that arrive, in bytes a second.',
    [
      {
        expr: `sum by (group) (bytes_rate({${OF_GROUP}, node=~".+", side!="cloud"}[$__auto]))`,
        legend: '{{group}}',
      },
    ],
    { ...FIGURES, unit: 'binBps' },
  );

const byNode = (): Panel =>
  timeseries(
    'Bytes by node',
    'The five nodes with the most.',
    [{ expr: `topk(5, sum by (node) (bytes_rate({${EDGE_LINES}}[$__auto])))`, legend: '{{node}}' }],
    { ...FIGURES, unit: 'binBps', alerts: ['EdgeLogVolumeHigh', 'EdgeLogsMissing'] },
  );

const byContainer = (): Panel =>
  timeseries(
    'Bytes by container',
    'The five containers with the most: what to silence first.',
    [
      {
        expr: `topk(5, sum by (namespace, container) (bytes_rate({${EDGE_LINES}}[$__auto])))`,
        legend: '{{namespace}}/{{container}}',
      },
    ],
    { ...FIGURES, unit: 'binBps' },
  );

const behind = (agents: readonly LogAgent[]): Panel =>
  timeseries(
    'Still to read',
    'Bytes of files that the collector of a node has not read yet, or has not sent. The five nodes with the most.',
    [
      {
        expr: worst(ofAgents(agents, (metrics) => backlogBy('node', metrics, OF_NODE)).join(' or ')),
        legend: '{{node}}',
      },
    ],
    {
      unit: 'bytes',
      alerts: ['EdgeLogCollectorBehind'],
      emptyWhen: 'no EdgeMetricsAgent reads the collectors',
    },
  );

const errors = (): Panel =>
  timeseries(
    'Lines that say error',
    'Of the five nodes with the most, a second.',
    [
      {
        expr: `topk(5, sum by (node) (rate({${EDGE_LINES}} |~ "(?i)(error|fatal|panic)" [$__auto])))`,
        legend: '{{node}}',
      },
    ],
    { ...FIGURES, unit: 'cps', width: 16 },
  );

const lines = (): Panel =>
  logs('Lines', 'Of the nodes that are chosen.', [{ expr: `{${EDGE_LINES}}` }], LOGS);

/**
 * Returns the dashboard about container logs and their volume.
 * @param agents the agents that nodes may run
 */
export const logsDashboard = (agents: readonly LogAgent[] = logAgentsWith()): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-logs',
      title: 'Edge: logs',
      description: 'Lines of containers: how many there are, whose they are, and what they say.',
      range: '1h',
      refresh: '5m',
      rows: [
        { title: 'How many', panels: [byGroup(), byNode(), byContainer(), behind(agents), errors()] },
        { title: 'What they say', panels: [lines()] },
      ],
    },
  ],
});
