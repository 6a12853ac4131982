import { wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import { LIMITS } from './coefficients';
import type { FleetGroup } from './fleet';
import { pushesPerNode, seriesOfNode } from './sendings';

/**
 * A series counts for one to two of these windows after its last sample. It equals the time for which
 * Prometheus keeps a series in memory, so that even constantly changing series cannot exceed the limit there:
 * https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
 */
export const SERIES_WINDOW_SECONDS = 3 * 3_600;

/**
 * Limits on the series of nodes that share them: all nodes, or, where users belong to groups, those of a
 * group.
 */
export interface SeriesLimits {
  /**
   * Maximum number of nodes. Samples of further nodes are answered with 429 and stay queued at the edge.
   * @default 500 - or 25 % more than in `edge.fleet`
   */
  readonly nodes?: number;
  /**
   * Number of series that are reserved for each node.
   * @default 600 - or 50 % more than the largest node in `edge.fleet`
   */
  readonly seriesPerNode?: number;
  /** Maximum number of series of a single node, including its share of `sharedSeries`. @default 5000 */
  readonly mostSeriesPerNode?: number;
  /**
   * Series in excess of `seriesPerNode` that all nodes share.
   * @default 50000 - or a quarter of the series in `edge.fleet`
   */
  readonly sharedSeries?: number;
}

/** Default limits for an unknown number of nodes: what a Prometheus of the default size can hold. */
export const SERIES_LIMITS = {
  nodes: { rule: wholeNumber(1, 1_000_000), default: 500 },
  seriesPerNode: { rule: wholeNumber(1, 1_000_000), default: 600 },
  mostSeriesPerNode: { rule: wholeNumber(1, 1_000_000), default: 5_000 },
  sharedSeries: { rule: wholeNumber(0, 100_000_000), default: 50_000 },
} satisfies OptionTable<SeriesLimits>;

/** Maximum of all pools together, where groups share limits. */
export type TotalLimits = Pick<Required<SeriesLimits>, 'nodes' | 'sharedSeries'>;

/** Limits by group, in the format of the filters. */
export interface Pools {
  /** Limits of each group, and under "" those of nodes without a group. */
  readonly pools: Readonly<Record<string, Required<SeriesLimits>>>;
  /** Limits of all pools together. @default - the sum of the pools */
  readonly total?: TotalLimits;
}

/** Maximum share of a single group in shared limits, so that a single password cannot use up everything. */
const OF_ONE_GROUP = 0.8;

/** Returns the pools of groups that share limits. A single group gets all. */
export function shareAmongGroups(limits: Required<SeriesLimits>, groups: readonly string[] = []): Pools {
  if (groups.length < 2) return { pools: { '': limits } };
  const { nodes, sharedSeries } = limits;
  const ofOne = {
    ...limits,
    nodes: Math.ceil(nodes * OF_ONE_GROUP),
    sharedSeries: Math.floor(sharedSeries * OF_ONE_GROUP),
  };
  const pools = Object.fromEntries(groups.map((group) => [group, ofOne]));
  return { pools, total: { nodes, sharedSeries } };
}

/** Rule for an option with series limits. */
export const seriesLimits = optionsRule<SeriesLimits>(SERIES_LIMITS);

/** Returns limits above the planned series of nodes. */
export function seriesLimitsOf(groups: readonly FleetGroup[]): Required<SeriesLimits> {
  const nodes = groups.reduce((sum, group) => sum + group.nodes, 0);
  const series = groups.reduce((sum, group) => sum + group.nodes * seriesOfNode(group), 0);
  const seriesPerNode = Math.max(
    1,
    Math.ceil(Math.max(0, ...groups.map(seriesOfNode)) * LIMITS.seriesPerNode),
  );
  return {
    nodes: Math.ceil(nodes * LIMITS.nodes) + LIMITS.moreNodes,
    seriesPerNode,
    mostSeriesPerNode: Math.max(seriesPerNode, SERIES_LIMITS.mostSeriesPerNode.default),
    sharedSeries: Math.ceil(series * LIMITS.sharedSeries) + LIMITS.moreSharedSeries,
  };
}

/** Returns the maximum number of series that the limits allow. */
export const maxSeries = ({ nodes, seriesPerNode, sharedSeries }: Required<SeriesLimits>): number =>
  nodes * seriesPerNode + sharedSeries;

/** Limits of the nodes of a group in a Pushgateway shard. */
export interface ShardLimits {
  readonly nodes: number;
  readonly series: number;
}

/**
 * Returns limits above the planned series of nodes, which their names distribute randomly over the shards.
 */
export function shardLimitsOf(group: FleetGroup, shards: number): ShardLimits {
  const planned = group.nodes / shards;
  const spread = shards > 1 ? 3 * Math.sqrt(planned) : 0;
  const nodes = Math.ceil(planned * LIMITS.nodes + spread) + LIMITS.moreNodes;
  const ofEach =
    (seriesOfNode(group) + pushesPerNode(group) * LIMITS.seriesPerPushedGroup) * LIMITS.seriesPerPushingNode;
  return { nodes, series: Math.ceil(nodes * ofEach + LIMITS.moreSharedSeries) };
}
