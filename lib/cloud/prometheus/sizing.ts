import type { Resources } from '../../core/pods';
import { type Quantity, toBytes, toSeconds } from '../../core/units';
import { MEBI, resourcesFromUsage, roundUpToGibibytes } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { countSamplesPerSecondOfGroups, countSeriesOfGroups, sumBy } from '../../fleet/node-requests';
import { maxAllowedSeries } from '../../fleet/series-limits';
import { formatBytes, formatNumber, type Sizing } from '../../fleet/sizing';
import { metricsGatewaySizing } from '../metrics-gateway';
import { pushgatewaySizing } from '../pushgateway';
import { countPrometheusReplicas } from '../store-replicas';
import { PROMETHEUS_OPTIONS } from './options';

/** Coefficients for the size of Prometheus, measured by `npm run bench:prometheus` except where noted. */
export const PROMETHEUS = {
  /** Memory without series, for the program and its configuration, in bytes. */
  baseBytes: 80 * 2 ** 20,
  /** Memory per series that had samples within the last three hours, in bytes. */
  bytesPerSeries: 2_200,
  /**
   * Memory per large series, in bytes. A large series has 20 unique labels with 1 kB in total, which is the
   * maximum size of a series that counts as one series in the limits.
   */
  bytesPerLargeSeries: 4_400,
  /**
   * Additional memory per series with out-of-order samples, in bytes. Prometheus keeps out-of-order samples
   * in separate chunks.
   */
  bytesPerLateSeries: 2_700,
  /**
   * Memory per out-of-order sample that is not in a block yet, in bytes. Measured by `npm run
   * bench:prometheus -- --nodes 50 --late 6`.
   */
  bytesPerLateSample: 3.2,
  /** Disk space per sample in uncompacted blocks, in bytes. */
  diskBytesPerSample: 1.5,
  /** Disk space per sample in the WAL, in bytes. */
  diskBytesPerLoggedSample: 6.5,
  /**
   * Maximum age in seconds of the samples in the WAL. The WAL grows for three hours, until Prometheus has
   * written a block of two hours: https://github.com/prometheus/prometheus/blob/main/tsdb/head.go.
   */
  secondsLogged: 3 * 3_600,
  /** Disk space per out-of-order sample that is not in a block yet, in bytes. */
  diskBytesPerLateSample: 17,
  /** CPU seconds per sample received by remote write. */
  secondsPerSample: 5.8e-6,
  /**
   * CPU cores per edge node for evaluating all rules of this project. Measured by `npm run bench:rules`: 0.6
   * to 0.9 CPU seconds every 30 seconds for 500 nodes.
   */
  ruleCoresPerNode: 0.9 / 30 / 500,
} as const;

/** Planned resources of Prometheus. All values are 0 if Prometheus is not the metrics store. */
export interface PrometheusPlan {
  /**
   * Number of replicas, and for each replica: CPU cores, memory in bytes, and the size of the volume
   * (`storage`) in bytes. The volume holds the samples of the retention period and out-of-order samples.
   */
  readonly prometheus: {
    readonly replicas: number;
    readonly cores: number;
    /** Memory in bytes in normal operation, while a few nodes deliver a backlog. */
    readonly memory: number;
    /**
     * Memory in bytes after the longest planned outage, in which all nodes are disconnected. Prometheus needs this
     * memory for at most two hours, until it has written the backlog of the nodes to blocks.
     */
    readonly memoryAfterOutage: number;
    /**
     * Memory in bytes if clients send as many series as the limits allow, and send different series to each
     * replica of the metrics gateway.
     */
    readonly memoryAtLimits: number;
    readonly storage: number;
  };
}

/** Plans the number of replicas, and the resources of each replica. */
function computePrometheusNeeds(fleet: Fleet): PrometheusPlan['prometheus'] {
  const replicas = countPrometheusReplicas(fleet);
  return { ...(replicas ? computePrometheusReplicaNeeds(fleet) : NO_NEEDS), replicas };
}

const NO_NEEDS = { cores: 0, memory: 0, memoryAfterOutage: 0, memoryAtLimits: 0, storage: 0 };

/**
 * Plans the resources of one replica. All replicas need the same resources, because each replica stores all
 * samples. The samples in the backlog of nodes count as out-of-order samples, because agents send new samples
 * first.
 */
function computePrometheusReplicaNeeds(fleet: Fleet): typeof NO_NEEDS {
  const { groups, retention, longestOutage } = fleet;
  const pushing = pushgatewaySizing.needs(fleet).pushgateway;
  const { replicas, groupLimits } = metricsGatewaySizing.needs(fleet).gateway;
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const samples = countSamplesPerSecondOfGroups(groups);
  const nodes = sumBy(groups, (group) => group.nodes);
  const late = countSamplesPerSecondOfGroups(written) * toSeconds(longestOutage);
  const memory =
    PROMETHEUS.baseBytes +
    countSeriesOfGroups(groups) * PROMETHEUS.bytesPerSeries +
    countSeriesOfGroups(written) * PROMETHEUS.bytesPerLateSeries;
  const unplanned =
    (sumBy(Object.values(groupLimits), maxAllowedSeries) - countSeriesOfGroups(written)) * replicas +
    (pushing.limits.series * pushing.shards - countSeriesOfGroups(pushed));
  const inBlocks = samples * toSeconds(retention.metrics) * PROMETHEUS.diskBytesPerSample;
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

/**
 * Replicas, volume and resources of Prometheus, computed for the fleet. The field `prometheus` is
 * missing if Prometheus is not the metrics store.
 */
export interface PrometheusSizes {
  readonly prometheus?: {
    readonly replicas: number;
    readonly storage: Quantity;
    readonly resources: Resources;
  };
}

/** Plans the resources of Prometheus for a fleet, and converts the plan to options of `Prometheus`. */
export const prometheusSizing: Sizing<PrometheusPlan, PrometheusSizes> = {
  needs: (fleet) => ({ prometheus: computePrometheusNeeds(fleet) }),
  rows: (
    { prometheus: { replicas, cores, memory, memoryAfterOutage, storage } },
    { longestOutage, store },
  ) =>
    replicas
      ? [
          ['Prometheus: replicas', formatNumber(replicas)],
          ['Prometheus: cores of each replica', cores.toFixed(2)],
          ['Prometheus: memory of each replica', formatBytes(memory)],
          [`  memory when all nodes return after ${longestOutage}`, formatBytes(memoryAfterOutage)],
          // The retention period of a Prometheus that an operator runs is unknown.
          ...(store?.kind === 'operator'
            ? []
            : [['Prometheus: volume of each replica', formatBytes(storage)] as const]),
        ]
      : [],
  sizes: ({ prometheus }, { seriesOfServices }) =>
    prometheus.replicas > 0
      ? {
          prometheus: {
            replicas: prometheus.replicas,
            storage: roundUpToGibibytes(
              Math.max(prometheus.storage, toBytes(PROMETHEUS_OPTIONS.storage.default)),
            ),
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
