import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { MEBI, resourcesFromUsage, toGibibytes } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { samplesPerSecond, sumOf, totalSeries } from '../../fleet/sendings';
import { maxSeries } from '../../fleet/series-limits';
import { formatCount, formatSize, type Sizing } from '../../fleet/sizing';
import { metricsGatewaySizing } from '../metrics-gateway';
import { pushgatewaySizing } from '../pushgateway';
import { prometheusReplicas } from '../store-replicas';
import { PROMETHEUS_OPTIONS } from './options';

/** Coefficients of Prometheus, measured by `npm run bench:prometheus`. */
export const PROMETHEUS = {
  /** Memory without any series: the program and its configuration. */
  baseBytes: 80 * 2 ** 20,
  /** Memory per series of the last three hours. */
  bytesPerSeries: 2_200,
  /** Memory per series of the largest size that the limits count as one: 20 labels of its own, 1 kB. */
  bytesPerLargeSeries: 4_400,
  /** Memory per series with out-of-order samples, which are kept in separate chunks. */
  bytesPerLateSeries: 2_700,
  /**
   * Memory per out-of-order sample that is not in a block yet: `npm run bench:prometheus -- --nodes 50 --late
   * 6`.
   */
  bytesPerLateSample: 3.2,
  /** Disk bytes per sample in uncompacted blocks. */
  diskBytesPerSample: 1.5,
  /** Disk bytes per sample in the WAL. */
  diskBytesPerLoggedSample: 6.5,
  /**
   * How long the WAL grows until Prometheus has written a block of two hours:
   * https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
   */
  secondsLogged: 3 * 3_600,
  /** Disk bytes per out-of-order sample that is not in a block yet. */
  diskBytesPerLateSample: 17,
  /** CPU seconds per sample received by remote write. */
  secondsPerSample: 5.8e-6,
  /** CPU of all rules of this project: `npm run bench:rules`, 0.6 to 0.9 seconds per 30 seconds for 500 nodes. */
  ruleCoresPerNode: 0.9 / 30 / 500,
} as const;

/** Planned resources of Prometheus. */
export interface PrometheusPlan {
  /**
   * Resources of each of `replicas`; `storage` is its volume, for the retention period and for out-of-order samples. All are 0
   * where samples are kept in a remote store.
   */
  readonly prometheus: {
    readonly replicas: number;
    readonly cores: number;
    /** With some nodes always delivering a backlog. */
    readonly memory: number;
    /** After the longest outage of all nodes, until their backlog is in blocks (at most two hours). */
    readonly memoryAfterOutage: number;
    /** When clients use all series that the limits allow, with different series at each gateway. */
    readonly memoryAtLimits: number;
    readonly storage: number;
  };
}

/**
 * Computes the needs of Prometheus. The backlog of nodes is out of order, since agents send new samples
 * first.
 */
function prometheusNeeds(fleet: Fleet): PrometheusPlan['prometheus'] {
  const replicas = prometheusReplicas(fleet);
  return { ...(replicas ? replicaNeeds(fleet) : NOTHING), replicas };
}

const NOTHING = { cores: 0, memory: 0, memoryAfterOutage: 0, memoryAtLimits: 0, storage: 0 };

/** All of them do the same. */
function replicaNeeds(fleet: Fleet): typeof NOTHING {
  const { groups, retention, longestOutage } = fleet;
  const pushing = pushgatewaySizing.needs(fleet).pushgateway;
  const { replicas, groupLimits } = metricsGatewaySizing.needs(fleet).gateway;
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = samplesPerSecond(groups);
  const nodes = sumOf(groups, (group) => group.nodes);
  const late = samplesPerSecond(written) * seconds(longestOutage);
  const memory =
    PROMETHEUS.baseBytes +
    totalSeries(groups) * PROMETHEUS.bytesPerSeries +
    totalSeries(written) * PROMETHEUS.bytesPerLateSeries;
  const unplanned =
    (sumOf(Object.values(groupLimits), maxSeries) - totalSeries(written)) * replicas +
    (pushing.limits.series * pushing.shards - totalSeries(pushed));
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

/** The part of an environment's sizes for Prometheus. */
export interface PrometheusSizes {
  readonly prometheus?: {
    readonly replicas: number;
    readonly storage: Quantity;
    readonly resources: Resources;
  };
}

/** Computes the size of Prometheus for a fleet. */
export const prometheusSizing: Sizing<PrometheusPlan, PrometheusSizes> = {
  needs: (fleet) => ({ prometheus: prometheusNeeds(fleet) }),
  rows: (
    { prometheus: { replicas, cores, memory, memoryAfterOutage, storage } },
    { longestOutage, store },
  ) =>
    replicas
      ? [
          ['Prometheus: replicas', formatCount(replicas)],
          ['Prometheus: cores of each', cores.toFixed(2)],
          ['Prometheus: memory of each', formatSize(memory)],
          [`  after all nodes had no link for ${longestOutage}`, formatSize(memoryAfterOutage)],
          // The retention of another stack's Prometheus is unknown.
          ...(store?.kind === 'operator'
            ? []
            : [['Prometheus: volume of each', formatSize(storage)] as const]),
        ]
      : [],
  sizes: ({ prometheus }, { seriesOfServices }) =>
    prometheus.replicas > 0
      ? {
          prometheus: {
            replicas: prometheus.replicas,
            storage: toGibibytes(Math.max(prometheus.storage, bytes(PROMETHEUS_OPTIONS.storage.default))),
            resources: resourcesFromUsage(
              prometheus.cores,
              prometheus.memory,
              512 * MEBI,
              Math.max(
                prometheus.memoryAfterOutage,
                prometheus.memoryAtLimits + seriesOfServices * PROMETHEUS.bytesPerLargeSeries,
              ),
            ),
          },
        }
      : {},
};
