import { wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import { LIMITS } from './coefficients';
import type { FleetGroup } from './fleet';
import { pushesOf, seriesOf } from './sendings';

/**
 * A series counts for one to two of these after its last sample. As long as Prometheus has a series in memory, so that
 * not even series that change all the time become more there:
 * https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
 */
export const SERIES_WINDOW_SECONDS = 3 * 3_600;

/** How many series nodes may write that share a limit: all nodes or, where users are those of groups, a group's. */
export interface SeriesLimits {
  /**
   * Most nodes. What one more sends is answered with 429, and waits at the edge.
   * @default 500 - or a quarter more than `edge.fleet` has
   */
  readonly nodes?: number;
  /**
   * Series that each node may have, whatever others have.
   * @default 600 - or half more than `edge.fleet` says of the node with most
   */
  readonly seriesPerNode?: number;
  /** Most series of one node, those included that it takes of `sharedSeries`. @default 5000 */
  readonly mostSeriesPerNode?: number;
  /**
   * Series beyond `seriesPerNode`, for the nodes that need them first.
   * @default 50000 - or a quarter of what `edge.fleet` has
   */
  readonly sharedSeries?: number;
}

/** The limits of nodes of which the settings do not say how many they are: what a Prometheus of the default size holds. */
export const SERIES_LIMITS = {
  nodes: { rule: wholeNumber(1, 1_000_000), default: 500 },
  seriesPerNode: { rule: wholeNumber(1, 1_000_000), default: 600 },
  mostSeriesPerNode: { rule: wholeNumber(1, 1_000_000), default: 5_000 },
  sharedSeries: { rule: wholeNumber(0, 100_000_000), default: 50_000 },
} satisfies OptionTable<SeriesLimits>;

/** What all pools may hold together, where groups share limits. */
export type TotalLimits = Pick<Required<SeriesLimits>, 'nodes' | 'sharedSeries'>;

/** Limits by group, as the filters read them. */
export interface Pools {
  /** Limits of each group, and under "" those of all who are of no group. */
  readonly pools: Readonly<Record<string, Required<SeriesLimits>>>;
  /** @default - the sum of the pools is the limit */
  readonly total?: TotalLimits;
}

/** So much of what groups share one of them may take: one password never takes the last free place. */
const OF_ONE_GROUP = 0.8;

/** Limits that groups share. A single group has nobody to share with. */
export function sharedByGroups(limits: Required<SeriesLimits>, groups: readonly string[] = []): Pools {
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

/** What each limit may be. */
export const seriesLimits = optionsRule<SeriesLimits>(SERIES_LIMITS);

/** Limits above what nodes have by plan. */
export function seriesLimitsOf(groups: readonly FleetGroup[]): Required<SeriesLimits> {
  const nodes = groups.reduce((sum, group) => sum + group.nodes, 0);
  const series = groups.reduce((sum, group) => sum + group.nodes * seriesOf(group), 0);
  const seriesPerNode = Math.max(1, Math.ceil(Math.max(0, ...groups.map(seriesOf)) * LIMITS.seriesPerNode));
  return {
    nodes: Math.ceil(nodes * LIMITS.nodes) + LIMITS.moreNodes,
    seriesPerNode,
    mostSeriesPerNode: Math.max(seriesPerNode, SERIES_LIMITS.mostSeriesPerNode.default),
    sharedSeries: Math.ceil(series * LIMITS.sharedSeries) + LIMITS.moreSharedSeries,
  };
}

/** Most series that limits let through. */
export const mostSeries = ({ nodes, seriesPerNode, sharedSeries }: Required<SeriesLimits>): number =>
  nodes * seriesPerNode + sharedSeries;

/** Limits of the nodes of a group in one of the shards of a Pushgateway. */
export interface ShardLimits {
  readonly nodes: number;
  readonly series: number;
}

/** Limits above what nodes have by plan, whose names spread them over the shards by chance. */
export function shardLimitsOf(group: FleetGroup, shards: number): ShardLimits {
  const planned = group.nodes / shards;
  const spread = shards > 1 ? 3 * Math.sqrt(planned) : 0;
  const nodes = Math.ceil(planned * LIMITS.nodes + spread) + LIMITS.moreNodes;
  const ofEach =
    (seriesOf(group) + pushesOf(group) * LIMITS.seriesPerPushedGroup) * LIMITS.seriesPerPushingNode;
  return { nodes, series: Math.ceil(nodes * ofEach + LIMITS.moreSharedSeries) };
}
