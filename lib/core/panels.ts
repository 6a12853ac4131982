import type { Panel } from '../contracts/dashboards';

type More = Omit<Panel, 'kind' | 'title' | 'description' | 'queries'>;
type Make = (title: string, description: string, queries: Panel['queries'], more?: More) => Panel;

const panelOf =
  (kind: Panel['kind'], width: number, height: number): Make =>
  (title, description, queries, more) => ({ kind, title, description, queries, width, height, ...more });

/** Creates a graph over time. */
export const timeseries = panelOf('timeseries', 8, 8);

/** Creates a panel with a single current value. */
export const stat = panelOf('stat', 4, 4);

/** Creates a table with a row for each set of labels. */
export const table = panelOf('table', 12, 8);

/** Creates a panel of log lines. */
export const logs = panelOf('logs', 24, 10);

/** PromQL matchers for the clusters selected on a dashboard. */
export const OF_CLUSTER = 'cluster=~"$cluster"';
/** PromQL matchers for the clusters and groups selected on a dashboard. */
export const OF_GROUP = `${OF_CLUSTER}, group=~"$group"`;
/** PromQL matchers for the clusters, groups and nodes selected on a dashboard. */
export const OF_NODE = `${OF_GROUP}, node=~"$node"`;

/**
 * LogQL matchers for the nodes selected on a dashboard. Loki requires a matcher that excludes empty labels,
 * which the selection of all nodes does not.
 */
export const LINES_OF_NODE = `${OF_NODE}, node=~".+"`;

/**
 * Returns a query for the five series with the highest average over the dashboard's time range. With `topk`
 * alone the set would change at each point, so that the graph would soon show all series.
 */
export const worstFive = (expr: string): string =>
  `(${expr}) and topk(5, avg_over_time((${expr})[$__range:$__interval] @ end()))`;

/**
 * Functions that create panels, matchers for dashboard variables, and the query of the five highest series,
 * for your own dashboards.
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
  worst: worstFive,
} as const;
