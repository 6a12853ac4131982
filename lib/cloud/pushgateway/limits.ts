import { mergeLayers, withDefaults } from '../../core/option-table';
import { bytes, type Quantity } from '../../core/units';
import { computeGroupLimits, type GroupLimits, type SeriesLimits } from '../../fleet/series-limits';
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
 * Maximum number of series in one grouping key. It limits the memory that the push filter needs for a request
 * body.
 */
const MOST_SERIES_OF_GROUP = 10_000;

/** Fraction of all series that is reserved for the nodes, in equal shares. */
const RESERVED_FRACTION = 0.8;

/** Returns the limits of each shard, in the format of the push filter. */
export function resolvePushLimits(props: PushgatewayProps): PushLimits {
  const all = withDefaults(PUSHGATEWAY_OPTIONS, props);
  const { memory, memoryLimit = memory } = all.resources;
  const resolveLimits = (...layers: readonly PushLimitOptions[]): GivenLimits =>
    withDefaults(PUSH_LIMITS, {
      series: maxSeriesForMemory(memoryLimit),
      ...mergeLayers<PushLimitOptions>(...layers),
    });
  const given = Object.entries(all.groupLimits).map(
    ([group, ofGroup]) => [group, resolveLimits(ofGroup, all.limits)] as const,
  );
  if (given.length === 0) return limitsSharedByGroups(all, resolveLimits(all.limits));
  const ofPools = [...given, ['', LIMITS_WITHOUT_GROUP] as const];
  const pools = Object.fromEntries(ofPools.map(([group, one]) => [group, poolLimits(all, one)]));
  const sumNumbers = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  return toPushLimits(
    { pools },
    sumNumbers(Object.values(pools).map(({ nodes }) => nodes)),
    sumNumbers(ofPools.map(([, { series }]) => series)),
  );
}

function limitsSharedByGroups(options: LimitedOptions, all: GivenLimits): PushLimits {
  const pool = poolLimits(options, all);
  const { pools, total } = computeGroupLimits(pool, options.ingress?.groups);
  return toPushLimits(
    { pools: { '': poolLimits(options, LIMITS_WITHOUT_GROUP), ...pools }, total },
    pool.nodes,
    all.series,
  );
}

function toPushLimits(pools: GroupLimits, nodes: number, series: number): PushLimits {
  const largest = Math.max(...Object.values(pools.pools).map(({ mostSeriesPerNode }) => mostSeriesPerNode));
  return { seriesOfGroup: Math.min(largest, MOST_SERIES_OF_GROUP), series, nodes, ...pools };
}

/** Small limits for pushes without a group. If all users belong to groups, a push without a group is a mistake. */
const LIMITS_WITHOUT_GROUP: GivenLimits = {
  series: 1_000,
  nodes: 2,
  seriesPerNode: PUSH_LIMITS.seriesPerNode.default,
};

type GivenLimits = Required<PushLimitOptions>;

type LimitedOptions = Pick<PushgatewayOptions, 'consistencyCheck' | 'ingress'>;

/**
 * Returns the limits of a pool of series. For business services, the number of names is not limited and no
 * name has a reserved share, because a service may have a name for each pod.
 */
function poolLimits(
  { consistencyCheck }: LimitedOptions,
  { series, nodes, seriesPerNode }: GivenLimits,
): Required<SeriesLimits> {
  const mostSeriesPerNode = Math.min(seriesPerNode, series);
  if (consistencyCheck) return { nodes: series, seriesPerNode: 0, mostSeriesPerNode, sharedSeries: series };
  const ofEach = Math.min(Math.floor((series * RESERVED_FRACTION) / nodes), mostSeriesPerNode);
  return { nodes, seriesPerNode: ofEach, mostSeriesPerNode, sharedSeries: series - nodes * ofEach };
}

const maxSeriesForMemory = (memoryLimit: Quantity): number => {
  const fitting = (0.8 * bytes(memoryLimit) - PUSHGATEWAY.baseBytes) / PUSHGATEWAY.bytesPerSample;
  return Math.max(Math.floor(fitting / 1_000) * 1_000, 1_000);
};
