import { wholeNumberRule } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import { LIMIT_HEADROOM } from './coefficients';
import type { FleetGroup } from './fleet';
import { countGroupingKeysOfNode, countSeriesOfNode } from './node-requests';

/**
 * Length of the window in which series are counted, in seconds. A series is counted for one to two windows after its
 * last sample. The length equals the time for which Prometheus keeps a series in memory. Therefore even constantly
 * changing series cannot exceed the limit in Prometheus's memory:
 * https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
 */
export const SERIES_WINDOW_SECONDS = 3 * 3_600;

/**
 * Limits for the numbers of nodes and series. The option `limits` applies to all nodes together. Each entry of
 * `groupLimits` applies to the nodes of one group.
 */
export interface SeriesLimits {
  /**
   * Maximum number of nodes. Samples of further nodes are rejected with HTTP status 429, so agents keep these samples
   * in their queues.
   * @default 500 - or, if `edge.fleet` is set, the number of nodes of the fleet, plus 25 %, plus 2
   */
  readonly nodes?: number;
  /**
   * Number of series that is reserved for each node.
   * @default 600 - or, if `edge.fleet` is set, 50 % more than the largest number of series of a node of the fleet
   */
  readonly seriesPerNode?: number;
  /**
   * Maximum number of series of a single node, including the part of `sharedSeries` that the node uses.
   * @default 5000 - or, if `edge.fleet` is set, the larger of 5000 and `seriesPerNode`
   */
  readonly mostSeriesPerNode?: number;
  /**
   * Number of series that nodes can use together in addition to `seriesPerNode`.
   * @default 50000 - or, if `edge.fleet` is set, a quarter of the number of series of all nodes, plus 500
   */
  readonly sharedSeries?: number;
}

/**
 * Validation rules and defaults of `SeriesLimits`. The defaults apply if `edge.fleet` is not set. A Prometheus with
 * default resources can store all series that these defaults allow.
 */
export const SERIES_LIMITS = {
  nodes: { rule: wholeNumberRule(1, 1_000_000), default: 500 },
  seriesPerNode: { rule: wholeNumberRule(1, 1_000_000), default: 600 },
  mostSeriesPerNode: { rule: wholeNumberRule(1, 1_000_000), default: 5_000 },
  sharedSeries: { rule: wholeNumberRule(0, 100_000_000), default: 50_000 },
} satisfies OptionTable<SeriesLimits>;

/** Limits for the nodes of all groups together. They apply in addition to the limits of each group. */
export type TotalLimits = Pick<Required<SeriesLimits>, 'nodes' | 'sharedSeries'>;

/** Limits for the nodes of each group. The programs that limit series read this object as JSON. */
export interface GroupLimits {
  /**
   * Limits of each group, by its name. The entry with the key `""` applies to the nodes whose group has no entry.
   */
  readonly pools: Readonly<Record<string, Required<SeriesLimits>>>;
  /** Limits for all groups together. @default - only the limits of each group apply */
  readonly total?: TotalLimits;
}

/**
 * Maximum fraction of the total limits that a single group can use. Otherwise a client with a leaked password could use
 * up the limits of all groups.
 */
const MAX_SHARE_OF_GROUP = 0.8;

/**
 * Returns limits for each group and for all groups together. A single group can use at most 80 % of the nodes and of
 * the shared series in `limits`. All groups together can use 100 %. With fewer than two groups, returns one entry with
 * the key `""` and the unchanged `limits`.
 */
export function computeSeriesLimitsPerGroup(
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

/** Validation rule for an option of type `SeriesLimits`. */
export const seriesLimits = optionsRule<SeriesLimits>(SERIES_LIMITS);

/**
 * Returns limits for a planned fleet. The limits exceed the planned numbers of nodes and series by the factors and
 * amounts in `LIMIT_HEADROOM`.
 */
export function computeSeriesLimitsOfFleet(groups: readonly FleetGroup[]): Required<SeriesLimits> {
  const nodes = groups.reduce((sum, group) => sum + group.nodes, 0);
  const series = groups.reduce((sum, group) => sum + group.nodes * countSeriesOfNode(group), 0);
  const seriesPerNode = Math.max(
    1,
    Math.ceil(Math.max(0, ...groups.map(countSeriesOfNode)) * LIMIT_HEADROOM.seriesPerNode),
  );
  return {
    nodes: Math.ceil(nodes * LIMIT_HEADROOM.nodes) + LIMIT_HEADROOM.moreNodes,
    seriesPerNode,
    mostSeriesPerNode: Math.max(seriesPerNode, SERIES_LIMITS.mostSeriesPerNode.default),
    sharedSeries: Math.ceil(series * LIMIT_HEADROOM.sharedSeries) + LIMIT_HEADROOM.moreSharedSeries,
  };
}

/** Returns the maximum number of series that the limits allow for all nodes together. */
export const maxAllowedSeries = ({ nodes, seriesPerNode, sharedSeries }: Required<SeriesLimits>): number =>
  nodes * seriesPerNode + sharedSeries;

/** Limits of one Pushgateway shard for the nodes of a group. */
export interface ShardLimits {
  /** Maximum number of nodes of the group in the shard. */
  readonly nodes: number;
  /** Maximum number of series of all nodes of the group in the shard, together. */
  readonly series: number;
}

/**
 * Returns the limits of one Pushgateway shard for a planned group. A hash of the node's name determines the shard, so a
 * shard can get more nodes than the average. The limits include headroom for these additional nodes.
 * @param shards number of shards
 */
export function computePushgatewayShardLimits(group: FleetGroup, shards: number): ShardLimits {
  const planned = group.nodes / shards;
  const spread = shards > 1 ? 3 * Math.sqrt(planned) : 0;
  const nodes = Math.ceil(planned * LIMIT_HEADROOM.nodes + spread) + LIMIT_HEADROOM.moreNodes;
  const ofEach =
    (countSeriesOfNode(group) + countGroupingKeysOfNode(group) * LIMIT_HEADROOM.seriesPerPushedGroup) *
    LIMIT_HEADROOM.seriesPerPushingNode;
  return { nodes, series: Math.ceil(nodes * ofEach + LIMIT_HEADROOM.moreSharedSeries) };
}
