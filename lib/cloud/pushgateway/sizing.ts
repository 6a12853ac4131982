import type { Resources } from '../../core/pods';
import { MEBI, resourcesFromUsage } from '../../fleet/amounts';
import type { Fleet } from '../../fleet/fleet';
import { countSamplesPerSecondOfGroups, countSeriesOfGroups, sumBy } from '../../fleet/node-requests';
import { computePushgatewayShardLimits, type ShardLimits } from '../../fleet/series-limits';
import { formatBytes, formatNumber, type Sizing } from '../../fleet/sizing';

/**
 * Coefficients for the size of a Pushgateway shard, measured by `npm run bench:pushgateway` with nodes that
 * push 460 samples every ten seconds.
 */
export const PUSHGATEWAY = {
  /**
   * Maximum number of samples per second that a shard receives. At higher rates, a scrape takes more than a
   * third of the scrape interval.
   */
  samplesPerSecond: 500 * 46,
  /** Memory of Pushgateway without samples, in bytes. */
  baseBytes: 20 * 2 ** 20,
  /**
   * Memory per stored sample, in bytes. Pushgateway needs more memory on a busy machine, where scrapes are
   * slow.
   */
  bytesPerSample: 2_400,
  /**
   * CPU seconds per sample, if each sample is pushed once and scraped once. Measured: 12 to 18.5 µs on
   * machines of the same type.
   */
  secondsPerSample: 14.5e-6,
} as const;

/** Coefficients for the size of the push filter. */
export const PUSH_FILTER = {
  /**
   * Memory per series that was pushed within the last hours, in bytes. After its last push, a series is
   * still counted for three to six hours.
   */
  bytesPerSeries: 80,
  /** CPU seconds per pushed sample, measured by `npm run bench:pushgateway`. */
  secondsPerSample: 3.7e-6,
} as const;

/** Planned resources of the Pushgateways. */
export interface PushgatewayPlan {
  /**
   * Number of shards, and for each shard: CPU cores, memory in bytes, and limits. All numbers are 0 if no
   * node group uses the transport `pushgateway`.
   */
  readonly pushgateway: {
    readonly shards: number;
    readonly cores: number;
    readonly memory: number;
    /** Memory in bytes of a shard if clients push as many series as the limits allow. */
    readonly memoryAtLimits: number;
    /** Limits of a shard: for all nodes that push, and for the nodes of each node group (`groupLimits`). */
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
  };
}

/** Plans the number of shards, and the resources of each shard. */
function computePushgatewayNeeds(fleet: Fleet): PushgatewayPlan['pushgateway'] {
  const groups = fleet.groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = countSamplesPerSecondOfGroups(groups);
  const shards = Math.ceil(samples / PUSHGATEWAY.samplesPerSecond);
  const limits = groups.map((group) => [group.name, computePushgatewayShardLimits(group, shards)] as const);
  const series = sumBy(limits, ([, ofGroup]) => ofGroup.series);
  /**
   * Returns the memory of a shard in bytes, for a number of stored samples. Returns 0 if there are no shards.
   */
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

/**
 * Shards, limits and resources of the Pushgateway for exporters, computed for the fleet. The field
 * `pushgateway` is missing if no node group uses the transport `pushgateway`.
 */
export interface PushgatewaySizes {
  readonly pushgateway?: {
    readonly shards: number;
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
    readonly resources: Resources;
  };
}

/**
 * Plans the Pushgateway for exporters of a fleet: computes what the fleet needs, and the options `shards`, `limits`,
 * `groupLimits` and `resources` for these needs.
 */
export const pushgatewaySizing: Sizing<PushgatewayPlan, PushgatewaySizes> = {
  needs: (fleet) => ({ pushgateway: computePushgatewayNeeds(fleet) }),
  rows: ({ pushgateway: { shards, cores, memory } }) => [
    ['Pushgateway: shards', formatNumber(shards)],
    ['Pushgateway: cores and memory of each shard', `${cores.toFixed(2)}, ${formatBytes(memory)}`],
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
