import type { Resources } from '../../core/pods';
import { MEBI, resources } from '../../fleet/amounts';
import type { Fleet } from '../../fleet/fleet';
import { rate, seriesOfAll, sum } from '../../fleet/sendings';
import { type ShardLimits, shardLimitsOf } from '../../fleet/series-limits';
import { count, type Sizing, size } from '../../fleet/sizing';

/** What a shard of a Pushgateway takes at a push every ten seconds of 460 samples: `npm run bench:pushgateway`. */
export const PUSHGATEWAY = {
  /** Beyond, a scrape takes longer than a third of the interval. */
  samplesPerSecond: 500 * 46,
  baseBytes: 20 * 2 ** 20,
  /** Of memory, for each sample that is held: more where a busy machine makes scrapes slow. */
  bytesPerSample: 2_400,
  /** Of processor time, for each sample that is pushed, and scraped once: 12 to 18.5 on machines of the same kind. */
  secondsPerSample: 14.5e-6,
} as const;

/** What the filter before a Pushgateway takes. */
export const PUSH_FILTER = {
  /** Of memory, for each series that was pushed in the last hours. */
  bytesPerSeries: 80,
  /** Of processor time, for each sample that is pushed: `npm run bench:pushgateway`. */
  secondsPerSample: 3.7e-6,
} as const;

/** Its entry in a plan. */
export interface PushgatewayPlan {
  /** What each of `shards` Pushgateways needs; all are 0 where no group pushes. */
  readonly pushgateway: {
    readonly shards: number;
    readonly cores: number;
    readonly memory: number;
    /** When clients push as many series as limits let through. */
    readonly memoryAtLimits: number;
    /** Of all nodes that push, and of those of each group. */
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
  };
}

/** Of each shard. */
function needs(fleet: Fleet): PushgatewayPlan['pushgateway'] {
  const groups = fleet.groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = rate(groups);
  const shards = Math.ceil(samples / PUSHGATEWAY.samplesPerSecond);
  const limits = groups.map((group) => [group.name, shardLimitsOf(group, shards)] as const);
  const series = sum(limits, ([, ofGroup]) => ofGroup.series);
  const memoryOf = (held: number) => shards && PUSHGATEWAY.baseBytes + held * PUSHGATEWAY.bytesPerSample;
  return {
    shards,
    cores: shards && (samples * PUSHGATEWAY.secondsPerSample) / shards,
    memory: memoryOf(seriesOfAll(groups) / shards),
    memoryAtLimits: memoryOf(series),
    limits: { nodes: sum(limits, ([, ofGroup]) => ofGroup.nodes), series },
    groupLimits: Object.fromEntries(limits),
  };
}

/** Its entry among the sizes of an environment. */
export interface PushgatewaySizes {
  readonly pushgateway?: {
    readonly shards: number;
    readonly limits: ShardLimits;
    readonly groupLimits: Readonly<Record<string, ShardLimits>>;
    readonly resources: Resources;
  };
}

/** What the Pushgateways of exporters need for a fleet. */
export const pushgatewaySizing: Sizing<PushgatewayPlan, PushgatewaySizes> = {
  needs: (fleet) => ({ pushgateway: needs(fleet) }),
  rows: ({ pushgateway: { shards, cores, memory } }) => [
    ['Pushgateway: shards', count(shards)],
    ['Pushgateway: cores and memory of each', `${cores.toFixed(2)}, ${size(memory)}`],
  ],
  sizes: ({ pushgateway: { shards, limits, groupLimits, ...needed } }, { usersByGroup }) =>
    shards > 0
      ? {
          pushgateway: {
            shards,
            limits,
            groupLimits: usersByGroup ? groupLimits : {},
            resources: resources(needed.cores, needed.memory, 128 * MEBI, needed.memoryAtLimits),
          },
        }
      : {},
};
