import type { Resources } from '../../core/pods';
import { MEBI, resourcesFromUsage } from '../../fleet/amounts';
import type { Fleet } from '../../fleet/fleet';
import { samplesPerSecond, sumOf, totalSeries } from '../../fleet/sendings';
import { type ShardLimits, shardLimitsOf } from '../../fleet/series-limits';
import { formatCount, formatSize, type Sizing } from '../../fleet/sizing';

/**
 * Coefficients of a Pushgateway shard at a push of 460 samples every ten seconds: `npm run
 * bench:pushgateway`.
 */
export const PUSHGATEWAY = {
  /** Maximum rate of samples; above it, a scrape takes more than a third of the interval. */
  samplesPerSecond: 500 * 46,
  baseBytes: 20 * 2 ** 20,
  /** Memory per sample; more on a busy machine, where scrapes are slow. */
  bytesPerSample: 2_400,
  /** CPU seconds per sample that is pushed and scraped once: 12 to 18.5 µs on machines of the same type. */
  secondsPerSample: 14.5e-6,
} as const;

/** Coefficients of the filter in front of a Pushgateway. */
export const PUSH_FILTER = {
  /** Memory per series that was pushed in the last hours. */
  bytesPerSeries: 80,
  /** CPU seconds per pushed sample: `npm run bench:pushgateway`. */
  secondsPerSample: 3.7e-6,
} as const;

/** Planned resources of the Pushgateways. */
export interface PushgatewayPlan {
  /** Resources of each of `shards` Pushgateways; all are 0 where no group pushes. */
  readonly pushgateway: {
    readonly shards: number;
    readonly cores: number;
    readonly memory: number;
    /** When clients push all series that the limits allow. */
    readonly memoryAtLimits: number;
    /** Limits of all nodes that push, and of those of each group. */
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
  };
}

/** Computes the needs of each shard. */
function pushgatewayNeeds(fleet: Fleet): PushgatewayPlan['pushgateway'] {
  const groups = fleet.groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = samplesPerSecond(groups);
  const shards = Math.ceil(samples / PUSHGATEWAY.samplesPerSecond);
  const limits = groups.map((group) => [group.name, shardLimitsOf(group, shards)] as const);
  const series = sumOf(limits, ([, ofGroup]) => ofGroup.series);
  const memoryForSamples = (held: number) =>
    shards && PUSHGATEWAY.baseBytes + held * PUSHGATEWAY.bytesPerSample;
  return {
    shards,
    cores: shards && (samples * PUSHGATEWAY.secondsPerSample) / shards,
    memory: memoryForSamples(totalSeries(groups) / shards),
    memoryAtLimits: memoryForSamples(series),
    limits: { nodes: sumOf(limits, ([, ofGroup]) => ofGroup.nodes), series },
    groupLimits: Object.fromEntries(limits),
  };
}

/** The part of an environment's sizes for the Pushgateways. */
export interface PushgatewaySizes {
  readonly pushgateway?: {
    readonly shards: number;
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
    readonly resources: Resources;
  };
}

/** Computes the size of the exporters' Pushgateways for a fleet. */
export const pushgatewaySizing: Sizing<PushgatewayPlan, PushgatewaySizes> = {
  needs: (fleet) => ({ pushgateway: pushgatewayNeeds(fleet) }),
  rows: ({ pushgateway: { shards, cores, memory } }) => [
    ['Pushgateway: shards', formatCount(shards)],
    ['Pushgateway: cores and memory of each', `${cores.toFixed(2)}, ${formatSize(memory)}`],
  ],
  sizes: ({ pushgateway: { shards, limits, groupLimits, ...needed } }, { usersByGroup }) =>
    shards > 0
      ? {
          pushgateway: {
            shards,
            limits,
            groupLimits: usersByGroup ? groupLimits : {},
            resources: resourcesFromUsage(needed.cores, needed.memory, 128 * MEBI, needed.memoryAtLimits),
          },
        }
      : {},
};
