import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { gibibytes, MEBI, resources } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { rate, seriesOfAll, sum } from '../../fleet/sendings';
import { mostSeries } from '../../fleet/series-limits';
import { type Sizing, size } from '../../fleet/sizing';
import { metricsGatewaySizing } from '../metrics-gateway';
import { pushgatewaySizing } from '../pushgateway';
import { PROMETHEUS_OPTIONS } from './prometheus';

/** What a Prometheus takes: `npm run bench:prometheus`. */
export const PROMETHEUS = {
  /** Without a series: the program itself, and its configuration. */
  baseBytes: 80 * 2 ** 20,
  /** Of memory, for each series of the last three hours. */
  bytesPerSeries: 2_200,
  /** Of memory, for each series of the largest kind that the limits count as one: 20 labels of its own, of 1 kB. */
  bytesPerLargeSeries: 4_400,
  /** Of memory, for each series of which samples come late, behind newer ones: they are held apart. */
  bytesPerLateSeries: 2_700,
  /** Of memory, for each late sample that is in no block yet: `npm run bench:prometheus -- --nodes 50 --late 6`. */
  bytesPerLateSample: 3.2,
  /** On disk, in blocks as they are first written. */
  diskBytesPerSample: 1.5,
  /** On disk, in the log of what is in no block yet. */
  diskBytesPerLoggedSample: 6.5,
  /**
   * How long a log grows until Prometheus has written a block of two hours:
   * https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
   */
  secondsLogged: 3 * 3_600,
  /** On disk, for each late sample that is in no block yet. */
  diskBytesPerLateSample: 17,
  /** Of processor time, for each sample that is written remotely. */
  secondsPerSample: 5.8e-6,
  /** For all rules of this project: `npm run bench:rules`, 0.9 seconds in each 30 for 500 nodes. */
  ruleCoresPerNode: 0.9 / 30 / 500,
} as const;

/** Its entry in a plan. */
export interface PrometheusPlan {
  /** What Prometheus needs; `storage` is its volume, for retention and for samples that come late. */
  readonly prometheus: {
    readonly cores: number;
    /** While there is always a node that returns. */
    readonly memory: number;
    /** When all nodes return from the longest outage, until what they kept is in blocks, for two hours at most. */
    readonly memoryAfterOutage: number;
    /** When clients push and write as many series as limits let through, others to each gateway. */
    readonly memoryAtLimits: number;
    readonly storage: number;
  };
}

/** What nodes have kept while they had no link comes late: their agents send fresh samples first. */
function needs(fleet: Fleet): PrometheusPlan['prometheus'] {
  const { groups, retention, longestOutage } = fleet;
  const pushing = pushgatewaySizing.needs(fleet).pushgateway;
  const { replicas, groupLimits } = metricsGatewaySizing.needs(fleet).gateway;
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = rate(groups);
  const nodes = sum(groups, (group) => group.nodes);
  const late = rate(written) * seconds(longestOutage);
  const memory =
    PROMETHEUS.baseBytes +
    seriesOfAll(groups) * PROMETHEUS.bytesPerSeries +
    seriesOfAll(written) * PROMETHEUS.bytesPerLateSeries;
  const unplanned =
    (sum(Object.values(groupLimits), mostSeries) - seriesOfAll(written)) * replicas +
    (pushing.limits.series * pushing.shards - seriesOfAll(pushed));
  const inBlocks = samples * seconds(retention.metrics) * PROMETHEUS.diskBytesPerSample;
  const newest =
    samples *
    PROMETHEUS.secondsLogged *
    (PROMETHEUS.diskBytesPerSample + PROMETHEUS.diskBytesPerLoggedSample);
  return {
    cores: samples * PROMETHEUS.secondsPerSample + nodes * PROMETHEUS.ruleCoresPerNode,
    memory,
    memoryAfterOutage: memory + late * PROMETHEUS.bytesPerLateSample,
    memoryAtLimits: memory + unplanned * PROMETHEUS.bytesPerLargeSeries,
    storage: (inBlocks + newest + late * PROMETHEUS.diskBytesPerLateSample) * HEADROOM,
  };
}

/** Its entry among the sizes of an environment. */
export interface PrometheusSizes {
  readonly prometheus?: { readonly storage: Quantity; readonly resources: Resources };
}

/** What Prometheus needs for a fleet. */
export const prometheusSizing: Sizing<PrometheusPlan, PrometheusSizes> = {
  needs: (fleet) => ({ prometheus: needs(fleet) }),
  rows: ({ prometheus: { cores, memory, memoryAfterOutage, storage } }, { longestOutage }) => [
    ['Prometheus: cores', cores.toFixed(2)],
    ['Prometheus: memory', size(memory)],
    [`  after all nodes had no link for ${longestOutage}`, size(memoryAfterOutage)],
    ['Prometheus: volume', size(storage)],
  ],
  sizes: ({ prometheus }, { seriesOfServices }) => ({
    prometheus: {
      storage: gibibytes(Math.max(prometheus.storage, bytes(PROMETHEUS_OPTIONS.storage.default))),
      resources: resources(
        prometheus.cores,
        prometheus.memory,
        512 * MEBI,
        Math.max(
          prometheus.memoryAfterOutage,
          prometheus.memoryAtLimits + seriesOfServices * PROMETHEUS.bytesPerLargeSeries,
        ),
      ),
    },
  }),
};
