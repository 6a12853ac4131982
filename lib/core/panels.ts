import type { Panel } from '../contracts/dashboards';

type More = Omit<Panel, 'kind' | 'title' | 'description' | 'queries'>;
type Make = (title: string, description: string, queries: Panel['queries'], more?: More) => Panel;

const panel =
  (kind: Panel['kind'], width: number, height: number): Make =>
  (title, description, queries, more) => ({ kind, title, description, queries, width, height, ...more });

/** Figures over time. */
export const timeseries = panel('timeseries', 8, 8);

/** One figure of now. */
export const stat = panel('stat', 4, 4);

/** A line for each set of labels. */
export const table = panel('table', 12, 8);

/** Lines of logs. */
export const logs = panel('logs', 24, 10);

/** Matchers of PromQL: series of the clusters that are chosen at the top of a dashboard. */
export const OF_CLUSTER = 'cluster=~"$cluster"';
/** Of the clusters and groups that are chosen. */
export const OF_GROUP = `${OF_CLUSTER}, group=~"$group"`;
/** Of the clusters, groups and nodes that are chosen. */
export const OF_NODE = `${OF_GROUP}, node=~"$node"`;

/** Lines of nodes. Loki asks for a label that is not empty, which the choice of all does not say. */
export const LINES_OF_NODE = `${OF_NODE}, node=~".+"`;

/**
 * The five series with the highest average over the span of time that is shown. With `topk` alone these would be others
 * at each moment, and soon all.
 */
export const worst = (expr: string): string =>
  `(${expr}) and topk(5, avg_over_time((${expr})[$__range:$__interval] @ end()))`;

/** The kinds of panels as functions, the matchers that dashboards choose by, and the five worst: for dashboards of your own. */
export const panels = {
  timeseries,
  stat,
  table,
  logs,
  OF_CLUSTER,
  OF_GROUP,
  OF_NODE,
  LINES_OF_NODE,
  worst,
} as const;
