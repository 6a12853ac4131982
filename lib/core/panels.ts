import type { Panel } from '../contracts/dashboards';

type More = Omit<Panel, 'kind' | 'title' | 'description' | 'queries'>;
type Make = (title: string, description: string, queries: Panel['queries'], more?: More) => Panel;

const createPanelFactory =
  (kind: Panel['kind'], width: number, height: number): Make =>
  (title, description, queries, more) => ({ kind, title, description, queries, width, height, ...more });

/** Returns a panel with a graph over time. */
export const timeseries = createPanelFactory('timeseries', 8, 8);

/** Returns a panel with the current value. */
export const stat = createPanelFactory('stat', 4, 4);

/** Returns a panel with a table that has a row for each set of labels. */
export const table = createPanelFactory('table', 12, 8);

/** Returns a panel with log lines. */
export const logs = createPanelFactory('logs', 24, 10);

/** PromQL matcher for the clusters that are selected in the dashboard. */
export const OF_CLUSTER = 'cluster=~"$cluster"';
/** PromQL matchers for the clusters and groups that are selected in the dashboard. */
export const OF_GROUP = `${OF_CLUSTER}, group=~"$group"`;
/** PromQL matchers for the clusters, groups and nodes that are selected in the dashboard. */
export const OF_NODE = `${OF_GROUP}, node=~"$node"`;

/**
 * LogQL matchers for the nodes that are selected in the dashboard. Loki requires a matcher that excludes empty
 * labels; the selection "All" does not exclude them.
 */
export const LINES_OF_NODE = `${OF_NODE}, node=~".+"`;

/**
 * Returns a PromQL expression for the five series with the highest average over the time range of the dashboard. A
 * plain `topk` would select the highest series at each point in time, so the graph would show far more than five
 * series.
 */
export const topFiveSeriesExpr = (expr: string): string =>
  `(${expr}) and topk(5, avg_over_time((${expr})[$__range:$__interval] @ end()))`;

/**
 * Helpers for your own dashboards: functions that return panels, matchers for the dashboard variables, and a
 * query for the five series with the highest average.
 */
export const panels = {
  timeseries,
  stat,
  table,
  logs,
  OF_CLUSTER,
  OF_GROUP,
  OF_NODE,
  LINES_OF_NODE,
  worst: topFiveSeriesExpr,
} as const;
