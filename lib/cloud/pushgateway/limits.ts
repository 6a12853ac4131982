import { mergeOptionsPreferringFirst, withFixedDefaults } from '../../core/option-table';
import { type Quantity, toBytes } from '../../core/units';
import { computeSeriesLimitsPerGroup, type GroupLimits, type SeriesLimits } from '../../fleet/series-limits';
import {
  PUSH_LIMITS,
  PUSHGATEWAY_OPTIONS,
  type PushgatewayOptions,
  type PushgatewayProps,
  type PushLimitOptions,
} from './options';
import type { PushLimits } from './push-filter';
import { PUSHGATEWAY } from './sizing';

/**
 * Maximum number of series in a metric group (the series of one grouping key). The maximum limits the memory of the
 * push filter for a request body.
 */
const MOST_SERIES_OF_GROUP = 10_000;

/** Fraction of the maximum number of series that is reserved for nodes. Each node gets an equal part. */
const RESERVED_FRACTION = 0.8;

/** Returns the limits of each shard, in the format of the push filter's configuration file. */
export function resolvePushLimits(props: PushgatewayProps): PushLimits {
  const all = withFixedDefaults(PUSHGATEWAY_OPTIONS, props);
  const { memory, memoryLimit = memory } = all.resources;
  const applyLimitDefaults = (...layers: readonly PushLimitOptions[]): GivenLimits =>
    withFixedDefaults(PUSH_LIMITS, {
      series: maxSeriesForMemory(memoryLimit),
      ...mergeOptionsPreferringFirst<PushLimitOptions>(...layers),
    });
  const given = Object.entries(all.groupLimits).map(
    ([group, ofGroup]) => [group, applyLimitDefaults(ofGroup, all.limits)] as const,
  );
  if (given.length === 0) return limitsSharedByNodeGroups(all, applyLimitDefaults(all.limits));
  const ofPools = [...given, ['', LIMITS_WITHOUT_GROUP] as const];
  const pools = Object.fromEntries(
    ofPools.map(([group, one]) => [group, computeLimitsOfNodeGroup(all, one)]),
  );
  const sumNumbers = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  return toPushFilterLimits(
    { pools },
    sumNumbers(Object.values(pools).map(({ nodes }) => nodes)),
    sumNumbers(ofPools.map(([, { series }]) => series)),
  );
}

/**
 * Returns the limits of a shard if the option `groupLimits` is not set. All node groups then share the limits
 * in the option `limits`.
 */
function limitsSharedByNodeGroups(options: LimitedOptions, all: GivenLimits): PushLimits {
  const pool = computeLimitsOfNodeGroup(options, all);
  const { pools, total } = computeSeriesLimitsPerGroup(pool, options.ingress?.groups);
  return toPushFilterLimits(
    { pools: { '': computeLimitsOfNodeGroup(options, LIMITS_WITHOUT_GROUP), ...pools }, total },
    pool.nodes,
    all.series,
  );
}

/**
 * Returns limits in the format of the push filter.
 * @param pools limits of each node group
 * @param nodes maximum number of nodes in total
 * @param series maximum number of series in total
 */
function toPushFilterLimits(pools: GroupLimits, nodes: number, series: number): PushLimits {
  const largest = Math.max(...Object.values(pools.pools).map(({ mostSeriesPerNode }) => mostSeriesPerNode));
  return { seriesOfGroup: Math.min(largest, MOST_SERIES_OF_GROUP), series, nodes, ...pools };
}

/**
 * Limits for pushes without a node group. The limits are low: if all users belong to node groups, a push
 * without a group is a mistake.
 */
const LIMITS_WITHOUT_GROUP: GivenLimits = {
  series: 1_000,
  nodes: 2,
  seriesPerNode: PUSH_LIMITS.seriesPerNode.default,
};

type GivenLimits = Required<PushLimitOptions>;

type LimitedOptions = Pick<PushgatewayOptions, 'consistencyCheck' | 'ingress'>;

/**
 * Returns the limits of the push filter for a node group, or for all nodes. For business services, the number
 * of node names (`hostname`) is not limited and no node has reserved series, because each pod of a service can
 * push with its own `hostname`.
 */
function computeLimitsOfNodeGroup(
  { consistencyCheck }: LimitedOptions,
  { series, nodes, seriesPerNode }: GivenLimits,
): Required<SeriesLimits> {
  const mostSeriesPerNode = Math.min(seriesPerNode, series);
  if (consistencyCheck) return { nodes: series, seriesPerNode: 0, mostSeriesPerNode, sharedSeries: series };
  const ofEach = Math.min(Math.floor((series * RESERVED_FRACTION) / nodes), mostSeriesPerNode);
  return { nodes, seriesPerNode: ofEach, mostSeriesPerNode, sharedSeries: series - nodes * ofEach };
}

/** Returns the number of series that fit into 80 % of a memory limit, at least 1,000. */
const maxSeriesForMemory = (memoryLimit: Quantity): number => {
  const fitting = (0.8 * toBytes(memoryLimit) - PUSHGATEWAY.baseBytes) / PUSHGATEWAY.bytesPerSample;
  return Math.max(Math.floor(fitting / 1_000) * 1_000, 1_000);
};
