import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { formatGibibytes, MEBI, resourcesFromUsage } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { countSeriesOfGroups, samplesPerSecond, sumBy } from '../../fleet/node-requests';
import { maxAllowedSeries } from '../../fleet/series-limits';
import { formatCount, formatSize, type Sizing } from '../../fleet/sizing';
import { metricsGatewaySizing } from '../metrics-gateway';
import { pushgatewaySizing } from '../pushgateway';
import { prometheusReplicaCount } from '../store-replicas';
import { PROMETHEUS_OPTIONS } from './options';

/** Coefficients for the size of Prometheus, measured by `npm run bench:prometheus` except where noted. */
export const PROMETHEUS = {
  /** Memory without series, for the program and its configuration, in bytes. */
  baseBytes: 80 * 2 ** 20,
  /** Memory per series that had samples within the last three hours, in bytes. */
  bytesPerSeries: 2_200,
  /**
   * Memory in bytes per series of the largest size that still counts as one series in the limits: 20 unique
   * labels with 1 kB in total.
   */
  bytesPerLargeSeries: 4_400,
  /**
   * Additional memory per series with out-of-order samples, which Prometheus keeps in separate chunks, in
   * bytes.
   */
  bytesPerLateSeries: 2_700,
  /**
   * Memory in bytes per out-of-order sample that is not in a block yet, measured by `npm run bench:prometheus
   * -- --nodes 50 --late 6`.
   */
  bytesPerLateSample: 3.2,
  /** Disk space per sample in uncompacted blocks, in bytes. */
  diskBytesPerSample: 1.5,
  /** Disk space per sample in the WAL, in bytes. */
  diskBytesPerLoggedSample: 6.5,
  /**
   * Period in seconds whose samples are in the WAL. The WAL grows for three hours until Prometheus has
   * written a block of two hours: https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
   */
  secondsLogged: 3 * 3_600,
  /** Disk space per out-of-order sample that is not in a block yet, in bytes. */
  diskBytesPerLateSample: 17,
  /** CPU seconds per sample received by remote write. */
  secondsPerSample: 5.8e-6,
  /**
   * CPU cores per node for all rules of this project. Measured by `npm run bench:rules`: 0.6 to 0.9 CPU
   * seconds every 30 seconds for 500 nodes.
   */
  ruleCoresPerNode: 0.9 / 30 / 500,
} as const;

/** Planned resources of Prometheus. */
export interface PrometheusPlan {
  /**
   * Number of replicas, and what each replica needs: CPU cores, memory in bytes, and `storage` in bytes for
   * the retention period and out-of-order samples. All are 0 if Prometheus is not the store.
   */
  readonly prometheus: {
    readonly replicas: number;
    readonly cores: number;
    /** Memory in normal operation, in which some nodes always deliver a backlog. */
    readonly memory: number;
    /** Memory after the longest outage of all nodes, until their backlog is in blocks (at most two hours). */
    readonly memoryAfterOutage: number;
    /**
     * Memory if clients send all series that the limits allow, and send different series to each gateway
     * replica.
     */
    readonly memoryAtLimits: number;
    readonly storage: number;
  };
}

/**
 * Computes the number of replicas and the needs of each replica. The samples in the backlog of nodes count as
 * out-of-order, because agents send new samples first.
 */
function prometheusNeeds(fleet: Fleet): PrometheusPlan['prometheus'] {
  const replicas = prometheusReplicaCount(fleet);
  return { ...(replicas ? replicaNeeds(fleet) : NO_NEEDS), replicas };
}

const NO_NEEDS = { cores: 0, memory: 0, memoryAfterOutage: 0, memoryAtLimits: 0, storage: 0 };

/**
 * Computes the needs of one replica. All replicas have the same needs, because each of them stores all
 * samples.
 */
function replicaNeeds(fleet: Fleet): typeof NO_NEEDS {
  const { groups, retention, longestOutage } = fleet;
  const pushing = pushgatewaySizing.needs(fleet).pushgateway;
  const { replicas, groupLimits } = metricsGatewaySizing.needs(fleet).gateway;
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = samplesPerSecond(groups);
  const nodes = sumBy(groups, (group) => group.nodes);
  const late = samplesPerSecond(written) * seconds(longestOutage);
  const memory =
    PROMETHEUS.baseBytes +
    countSeriesOfGroups(groups) * PROMETHEUS.bytesPerSeries +
    countSeriesOfGroups(written) * PROMETHEUS.bytesPerLateSeries;
  const unplanned =
    (sumBy(Object.values(groupLimits), maxAllowedSeries) - countSeriesOfGroups(written)) * replicas +
    (pushing.limits.series * pushing.shards - countSeriesOfGroups(pushed));
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

/** Replicas, volume and resources of Prometheus, computed for the fleet. */
export interface PrometheusSizes {
  readonly prometheus?: {
    readonly replicas: number;
    readonly storage: Quantity;
    readonly resources: Resources;
  };
}

/** Computes replicas, volume and resources of Prometheus for a fleet. */
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
          // The retention period of a Prometheus that an operator runs is unknown.
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
            storage: formatGibibytes(Math.max(prometheus.storage, bytes(PROMETHEUS_OPTIONS.storage.default))),
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
