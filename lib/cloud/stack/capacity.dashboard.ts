import type { DashboardSource, Panel, PanelQuery } from '../../contracts/dashboards';
import { isDefined } from '../../core/defined';
import { OF_CLUSTER, stat, table, timeseries } from '../../core/panels';
import type { Rule } from '../../core/validation';
import { HEADROOM } from '../../fleet/coefficients';
import type { StorePanels } from '../store-panels';

/** The planned capacity of an environment, as computed by `planFleet`. */
export interface PlannedCapacity {
  /** Number of edge nodes in all groups. */
  readonly nodes: number;
  /** Number of series of all edge nodes. */
  readonly series: number;
  /** Samples per second of all edge nodes. */
  readonly samplesPerSecond: number;
  /** Daily volume of log lines of all edge nodes, in bytes. */
  readonly loki: { readonly bytesPerDay: number };
}

/** Validation rule of a plan. The rule only checks the fields of `PlannedCapacity`, which the dashboard shows. */
export const plannedCapacity: Rule = {
  allowed: 'the result of planFleet, with the numbers nodes, series, samplesPerSecond and loki.bytesPerDay',
  accepts: (value) => {
    const { nodes, series, samplesPerSecond, loki } = Object(value);
    return [nodes, series, samplesPerSecond, Object(loki).bytesPerDay].every(Number.isFinite);
  },
};

/**
 * Returns the color thresholds of a panel: yellow above the planned value, red above 150 % of the planned
 * value. Returns an empty object if there is no plan.
 */
const colorThresholdsFromPlannedValue = (planned: number | undefined): Pick<Panel, 'limits'> =>
  planned ? { limits: { warning: planned, critical: planned * HEADROOM } } : {};

/** Returns a list with the query for a dashed line at the planned value; an empty list if there is no plan. */
const queriesForPlannedValueLine = (planned: number | undefined): PanelQuery[] =>
  planned ? [{ expr: `vector(${planned})`, legend: 'planned', isLimit: true }] : [];

/**
 * PromQL expression for the number of series of all edge nodes: series in Pushgateways, and series of agents
 * after relabeling.
 */
const EDGE_SERIES_EXPR = `sum(scrape_samples_post_metric_relabeling{job=~"pushgateway.*", node="", ${OF_CLUSTER}} or scrape_series_current{node!="", ${OF_CLUSTER}} and on (cluster, node) edge_node:fresh)`;

const fleetSizeComparedToPlanPanel = ({ nodes }: PlannedCapacity): Panel =>
  stat(
    'Capacity used',
    'Nodes of the fleet as a percentage of the planned number. Above 100 %, update the plan.',
    [{ expr: `sum(edge_fleet:nodes:count{${OF_CLUSTER}}) / ${nodes}` }],
    { unit: 'percentunit', ...colorThresholdsFromPlannedValue(1) },
  );

const edgeSeriesCountPanel = (plan?: PlannedCapacity): Panel =>
  stat(
    'Edge series',
    plan
      ? 'Sum of the active series of all edge nodes; yellow above the plan, red above 150 % of the plan.'
      : 'Sum of the active series of all edge nodes.',
    [
      {
        expr: EDGE_SERIES_EXPR,
      },
    ],
    colorThresholdsFromPlannedValue(plan?.series),
  );

const seriesPerNodePanel = (): Panel =>
  stat('Series per node', 'Average number of series per node in the last scrapes.', [
    {
      expr: `${EDGE_SERIES_EXPR} / sum(edge_fleet:nodes:count{${OF_CLUSTER}})`,
    },
  ]);

/**
 * Returns the panel with the samples per second. If there is a plan, adds a line at the planned rate.
 * @param samples the metrics store's panel with the samples per second
 */
const sampleRatePanel = (samples: Panel, plan?: PlannedCapacity): Panel => ({
  ...samples,
  ...(plan && {
    description: `${samples.description} The dashed line is the planned rate of edge nodes.`,
  }),
  queries: [...samples.queries, ...queriesForPlannedValueLine(plan?.samplesPerSecond)],
  ...colorThresholdsFromPlannedValue(plan?.samplesPerSecond),
});

const volumeUsagePanel = (): Panel =>
  table(
    'Volumes',
    'Used percentage of each PersistentVolumeClaim, and days until it is full if it continues to grow as in the last day.',
    [
      {
        expr: `max by (namespace, persistentvolumeclaim) (1 - kubelet_volume_stats_available_bytes{${OF_CLUSTER}} / kubelet_volume_stats_capacity_bytes{${OF_CLUSTER}})`,
        legend: 'in use',
      },
      {
        expr: `min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{${OF_CLUSTER}} / (-deriv(kubelet_volume_stats_available_bytes{${OF_CLUSTER}}[1d]) * 86400 > 0))`,
        legend: 'days left',
      },
    ],
    {
      units: { 'in use': 'percentunit' },
      width: 24,
      alerts: ['KubeVolumeFull', 'KubeVolumeFilling'],
      emptyWhen: 'no kubelet is scraped',
    },
  );

const metricGroupsPerPushgatewayPanel = (): Panel =>
  timeseries(
    'Pushgateway groups',
    'Number of metric groups (grouping keys) per Pushgateway. If the alert PushgatewayNearLimit fires, add shards or change nodes to remote write.',
    [{ expr: `pushgateway:groups:count{${OF_CLUSTER}}`, legend: '{{pushgateway}}' }],
    { alerts: ['PushgatewayNearLimit', 'PushgatewaySlow'], emptyWhen: 'there is no Pushgateway' },
  );

const nodeCountPanel = (plan?: PlannedCapacity): Panel =>
  timeseries(
    'Nodes',
    plan
      ? 'Number of nodes of the fleet. The dashed line is the planned number.'
      : 'Number of nodes of the fleet.',
    [
      { expr: `edge_fleet:nodes:count{${OF_CLUSTER}}`, legend: '{{cluster}}' },
      ...queriesForPlannedValueLine(plan?.nodes),
    ],
    colorThresholdsFromPlannedValue(plan?.nodes),
  );

const logIngestionRatePanel = (plan?: PlannedCapacity): Panel => {
  const planned = plan && Math.round(plan.loki.bytesPerDay / 86_400);
  return timeseries(
    'Loki ingestion rate',
    planned
      ? 'Bytes of log lines that Loki receives per second, by tenant. The dashed line is the planned rate of edge nodes.'
      : 'Bytes of log lines that Loki receives per second, by tenant.',
    [
      {
        expr: `sum by (tenant) (rate(loki_distributor_bytes_received_total{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{tenant}}',
      },
      ...queriesForPlannedValueLine(planned),
    ],
    { unit: 'binBps', ...colorThresholdsFromPlannedValue(planned) },
  );
};

const activeLogStreamsPanel = (): Panel =>
  timeseries(
    'Loki streams',
    "Number of active log streams in Loki's memory, by tenant.",
    [{ expr: `sum by (tenant) (loki_ingester_memory_streams{${OF_CLUSTER}})`, legend: '{{tenant}}' }],
    { alerts: ['LokiIngestionRefused'] },
  );

/** Width of Grafana's grid in columns. */
const COLUMNS = 24;

/**
 * Sets the widths of `others` so that the panels of the row fill its width. The panels in `first` keep their
 * width.
 */
function setPanelWidthsToFillRow(first: readonly Panel[], others: readonly Panel[]): Panel[] {
  const taken = first.reduce((sum, { width = 0 }) => sum + width, 0);
  const width = Math.floor((COLUMNS - taken) / others.length);
  return [...first, ...others.map((panel) => ({ ...panel, width }))];
}

/**
 * Returns the dashboard that compares the current load with limits and the planned capacity. Without a plan,
 * the planned values are missing.
 */
export const capacityDashboard = (
  plan: PlannedCapacity | undefined,
  { series, samples, diskUsage, diskGrowth }: StorePanels,
): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-capacity',
      title: 'Edge: capacity',
      description: 'Growth of the fleet, its series and its storage, and days until volumes are full.',
      variables: ['cluster'],
      rows: [
        {
          title: 'Now',
          panels: setPanelWidthsToFillRow(
            [plan && fleetSizeComparedToPlanPanel(plan)].filter(isDefined),
            [edgeSeriesCountPanel(plan), seriesPerNodePanel(), series, diskGrowth].filter(isDefined),
          ),
        },
        {
          title: 'Growth',
          panels: [
            nodeCountPanel(plan),
            samples && sampleRatePanel(samples, plan),
            metricGroupsPerPushgatewayPanel(),
            logIngestionRatePanel(plan),
            activeLogStreamsPanel(),
            diskUsage,
          ].filter(isDefined),
        },
        { title: 'Volumes', panels: [volumeUsagePanel()] },
      ],
    },
  ],
});
