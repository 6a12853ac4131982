import { wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import { LIMITS } from './coefficients';
import type { FleetGroup } from './fleet';
import { countGroupingKeysOfNode, countSeriesOfNode } from './node-requests';

/**
 * Length of the window in which series are counted, in seconds. A series counts for one to two windows after
 * its last sample. The length equals the time for which Prometheus keeps a series in memory, so that even
 * constantly changing series cannot exceed the limit there:
 * https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
 */
export const SERIES_WINDOW_SECONDS = 3 * 3_600;

/**
 * Limits for the series of nodes. They apply to all nodes together or, if each group has a user, to the nodes
 * of a group.
 */
export interface SeriesLimits {
  /**
   * Maximum number of nodes. The response to samples of further nodes is 429, so that they stay in the queue of
   * the node.
   * @default 500 - or 25 % more than in `edge.fleet`
   */
  readonly nodes?: number;
  /**
   * Number of series that are reserved for each node.
   * @default 600 - or 50 % more than the largest node in `edge.fleet`
   */
  readonly seriesPerNode?: number;
  /**
   * Maximum number of series of a single node, including those that it uses of `sharedSeries`.
   * @default 5000
   */
  readonly mostSeriesPerNode?: number;
  /**
   * Number of series that all nodes share, for nodes that need more than `seriesPerNode`.
   * @default 50000 - or a quarter of the series in `edge.fleet`
   */
  readonly sharedSeries?: number;
}

/**
 * Rules of the options of `SeriesLimits`. The defaults are for an unknown number of nodes: a Prometheus of the
 * default size supports them.
 */
export const SERIES_LIMITS = {
  nodes: { rule: wholeNumber(1, 1_000_000), default: 500 },
  seriesPerNode: { rule: wholeNumber(1, 1_000_000), default: 600 },
  mostSeriesPerNode: { rule: wholeNumber(1, 1_000_000), default: 5_000 },
  sharedSeries: { rule: wholeNumber(0, 100_000_000), default: 50_000 },
} satisfies OptionTable<SeriesLimits>;

/** Limits for all groups together, if groups have separate limits. */
export type TotalLimits = Pick<Required<SeriesLimits>, 'nodes' | 'sharedSeries'>;

/** Limits for each group, in the format that the filters read. */
export interface GroupLimits {
  /** Limits of each group. The key "" contains the limits of nodes that belong to no group. */
  readonly pools: Readonly<Record<string, Required<SeriesLimits>>>;
  /** Limits for all groups together. @default - the sum of the limits of all groups */
  readonly total?: TotalLimits;
}

/**
 * Maximum part of the total limits that a single group can use, so that one leaked password cannot use up
 * everything.
 */
const MAX_SHARE_OF_GROUP = 0.8;

/**
 * Returns the limits of each group, from the limits of all groups together. A single group gets the total
 * limits.
 */
export function computeGroupLimits(
  limits: Required<SeriesLimits>,
  groups: readonly string[] = [],
): GroupLimits {
  if (groups.length < 2) return { pools: { '': limits } };
  const { nodes, sharedSeries } = limits;
  const ofOne = {
    ...limits,
    nodes: Math.ceil(nodes * MAX_SHARE_OF_GROUP),
    sharedSeries: Math.floor(sharedSeries * MAX_SHARE_OF_GROUP),
  };
  const pools = Object.fromEntries(groups.map((group) => [group, ofOne]));
  return { pools, total: { nodes, sharedSeries } };
}

/** Rule for an option of type `SeriesLimits`. */
export const seriesLimits = optionsRule<SeriesLimits>(SERIES_LIMITS);

/** Returns limits that are higher than the planned series of the nodes by a safety factor. */
export function computeSeriesLimits(groups: readonly FleetGroup[]): Required<SeriesLimits> {
  const nodes = groups.reduce((sum, group) => sum + group.nodes, 0);
  const series = groups.reduce((sum, group) => sum + group.nodes * countSeriesOfNode(group), 0);
  const seriesPerNode = Math.max(
    1,
    Math.ceil(Math.max(0, ...groups.map(countSeriesOfNode)) * LIMITS.seriesPerNode),
  );
  return {
    nodes: Math.ceil(nodes * LIMITS.nodes) + LIMITS.moreNodes,
    seriesPerNode,
    mostSeriesPerNode: Math.max(seriesPerNode, SERIES_LIMITS.mostSeriesPerNode.default),
    sharedSeries: Math.ceil(series * LIMITS.sharedSeries) + LIMITS.moreSharedSeries,
  };
}

/** Returns the maximum number of series that the limits allow. */
export const maxAllowedSeries = ({ nodes, seriesPerNode, sharedSeries }: Required<SeriesLimits>): number =>
  nodes * seriesPerNode + sharedSeries;

/** Limits for the nodes of a group in one Pushgateway shard. */
export interface ShardLimits {
  /** Maximum number of nodes. */
  readonly nodes: number;
  /** Maximum number of series of all nodes. */
  readonly series: number;
}

/**
 * Returns limits for one shard that are higher than the planned series of its nodes. The names of the nodes
 * distribute them randomly over the shards, so the limits also cover an uneven distribution.
 */
export function computeShardLimits(group: FleetGroup, shards: number): ShardLimits {
  const planned = group.nodes / shards;
  const spread = shards > 1 ? 3 * Math.sqrt(planned) : 0;
  const nodes = Math.ceil(planned * LIMITS.nodes + spread) + LIMITS.moreNodes;
  const ofEach =
    (countSeriesOfNode(group) + countGroupingKeysOfNode(group) * LIMITS.seriesPerPushedGroup) *
    LIMITS.seriesPerPushingNode;
  return { nodes, series: Math.ceil(nodes * ofEach + LIMITS.moreSharedSeries) };
}
