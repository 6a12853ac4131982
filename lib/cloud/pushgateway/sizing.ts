import type { Resources } from '../../core/pods';
import { MEBI, resourcesFromUsage } from '../../fleet/amounts';
import type { Fleet } from '../../fleet/fleet';
import { countSeriesOfGroups, samplesPerSecond, sumBy } from '../../fleet/node-requests';
import { computeShardLimits, type ShardLimits } from '../../fleet/series-limits';
import { formatCount, formatSize, type Sizing } from '../../fleet/sizing';

/**
 * Coefficients for the size of a Pushgateway shard, measured by `npm run bench:pushgateway` with nodes that
 * push 460 samples every ten seconds.
 */
export const PUSHGATEWAY = {
  /**
   * Maximum number of samples per second of a shard. At higher rates, a scrape takes more than a third of the
   * scrape interval.
   */
  samplesPerSecond: 500 * 46,
  baseBytes: 20 * 2 ** 20,
  /** Memory per stored sample, in bytes. The value is higher on a busy machine, where scrapes are slow. */
  bytesPerSample: 2_400,
  /**
   * CPU seconds per sample that is pushed and scraped once. Measured: 12 to 18.5 µs on machines of the same
   * type.
   */
  secondsPerSample: 14.5e-6,
} as const;

/** Coefficients for the size of the push filter. */
export const PUSH_FILTER = {
  /** Memory per series that was pushed within the last hours, in bytes. */
  bytesPerSeries: 80,
  /** CPU seconds per pushed sample, measured by `npm run bench:pushgateway`. */
  secondsPerSample: 3.7e-6,
} as const;

/** Planned resources of the Pushgateways. */
export interface PushgatewayPlan {
  /**
   * Number of shards, and the CPU cores and memory in bytes of each shard. All are 0 if no group uses the
   * transport `pushgateway`.
   */
  readonly pushgateway: {
    readonly shards: number;
    readonly cores: number;
    readonly memory: number;
    /** Memory in bytes if clients push all series that the limits allow. */
    readonly memoryAtLimits: number;
    /** Limits for all nodes that push, and for the nodes of each group (`groupLimits`). */
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
  };
}

/** Computes the number of shards, and what each shard needs. */
function pushgatewayNeeds(fleet: Fleet): PushgatewayPlan['pushgateway'] {
  const groups = fleet.groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = samplesPerSecond(groups);
  const shards = Math.ceil(samples / PUSHGATEWAY.samplesPerSecond);
  const limits = groups.map((group) => [group.name, computeShardLimits(group, shards)] as const);
  const series = sumBy(limits, ([, ofGroup]) => ofGroup.series);
  const memoryForSamples = (held: number) =>
    shards && PUSHGATEWAY.baseBytes + held * PUSHGATEWAY.bytesPerSample;
  return {
    shards,
    cores: shards && (samples * PUSHGATEWAY.secondsPerSample) / shards,
    memory: memoryForSamples(countSeriesOfGroups(groups) / shards),
    memoryAtLimits: memoryForSamples(series),
    limits: { nodes: sumBy(limits, ([, ofGroup]) => ofGroup.nodes), series },
    groupLimits: Object.fromEntries(limits),
  };
}

/** Shards, limits and resources of the Pushgateway for exporters, computed for the fleet. */
export interface PushgatewaySizes {
  readonly pushgateway?: {
    readonly shards: number;
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
    readonly resources: Resources;
  };
}

/** Computes shards, limits and resources of the Pushgateway for exporters for a fleet. */
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
