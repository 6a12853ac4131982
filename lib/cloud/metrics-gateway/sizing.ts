import type { Resources } from '../../core/pods';
import { type Quantity, toBytes, toSeconds } from '../../core/units';
import { roundUpCpu, roundUpToGibibytes } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { countSamplesPerSecondOfGroups } from '../../fleet/node-requests';
import { computeSeriesLimitsOfFleet, type SeriesLimits } from '../../fleet/series-limits';
import { formatBytes, formatNumber, type Sizing } from '../../fleet/sizing';
import { countRemoteWriteUrls } from '../store-replicas';
import { METRICS_GATEWAY_OPTIONS } from './options';

/** Coefficients for the size of a gateway replica, measured by `npm run bench:gateway` except where noted. */
export const GATEWAY = {
  /**
   * CPU seconds of each container per sample, for the requests of nodes with the profile `standard`. Samples in
   * rejected requests also cost CPU time. `copy` is vmagent's additional CPU time for each store after the first: 0.29
   * times the CPU time for the first store.
   */
  secondsPerSample: { limiter: 2.2e-6, vmagent: 1.3e-6, filter: 0.15e-6, copy: 0.38e-6 },
  /** Disk space per queued sample in bytes, measured by `npm run bench:prometheus`. */
  bytesPerQueuedSample: 16,
} as const;

/** Coefficients for the memory of the series limiter. */
export const SERIES_LIMITER = {
  /** Memory of the program and of concurrent requests, in bytes. */
  baseBytes: 192 * 2 ** 20,
  /** Memory per known series, in bytes. */
  bytesPerSeries: 80,
} as const;

/** Planned resources of the metrics gateway. */
export interface MetricsGatewayPlan {
  /**
   * `replicas`: number of replicas. `cores`: CPU cores that all containers of a replica need together. `storage`: size
   * in bytes of each replica's volume, which can queue the samples of `longestOutage`. `cores` and
   * `storage` are sufficient while another replica is down. All three numbers are 0 if no group uses remote write.
   */
  readonly gateway: {
    readonly replicas: number;
    readonly cores: number;
    readonly storage: number;
    /** Series limits for all nodes that use remote write. */
    readonly limits: Required<SeriesLimits>;
    /** Series limits for the nodes of each group, by the group's name. */
    readonly groupLimits: Readonly<Record<string, Required<SeriesLimits>>>;
  };
}

/**
 * Returns the CPU seconds that all containers of a replica together need for one sample.
 * @param copies number of stores to which the gateway writes the sample
 */
function cpuSecondsPerSample(copies: number): number {
  const { limiter, vmagent, filter, copy } = GATEWAY.secondsPerSample;
  return limiter + vmagent + filter * copies + copy * (copies - 1);
}

/**
 * Computes the number of replicas, the CPU cores and storage of each replica, and the series limits. There is one
 * replica more than the load needs: when one replica is down, the other replicas take over its load.
 */
function computeGatewayNeeds(fleet: Fleet): MetricsGatewayPlan['gateway'] {
  const { groups, longestOutage } = fleet;
  const copies = countRemoteWriteUrls(fleet);
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const samples = countSamplesPerSecondOfGroups(written);
  const cores = samples * cpuSecondsPerSample(copies);
  const replicas = samples && Math.max(2, Math.ceil(cores) + 1);
  return {
    replicas,
    cores: replicas && cores / (replicas - 1),
    storage:
      replicas &&
      (samples * copies * toSeconds(longestOutage) * GATEWAY.bytesPerQueuedSample * HEADROOM) /
        (replicas - 1),
    limits: computeSeriesLimitsOfFleet(written),
    groupLimits: Object.fromEntries(
      written.map((group) => [group.name, computeSeriesLimitsOfFleet([group])]),
    ),
  };
}

/** Replicas, volume, limits and resources of the metrics gateway, computed for the fleet. */
export interface MetricsGatewaySizes {
  readonly gateway?: {
    readonly replicas: number;
    readonly storage: Quantity;
    readonly limits: SeriesLimits;
    readonly groupLimits: Readonly<Record<string, SeriesLimits>>;
    readonly resources: Resources;
  };
}

const { limiter, vmagent, filter } = GATEWAY.secondsPerSample;
/** Fraction of a gateway replica's CPU time that vmagent uses, between 0 and 1. */
const VMAGENT_CPU_SHARE = vmagent / (limiter + vmagent + filter);

/** Computes replicas, volume, limits and resources of the metrics gateway for a fleet. */
export const metricsGatewaySizing: Sizing<MetricsGatewayPlan, MetricsGatewaySizes> = {
  needs: (fleet) => ({ gateway: computeGatewayNeeds(fleet) }),
  rows: ({ gateway: { replicas, cores, storage } }) => [
    ['metrics gateway: replicas', formatNumber(replicas)],
    ['metrics gateway: cores of each replica', cores.toFixed(2)],
    ['metrics gateway: volume of each replica', formatBytes(storage)],
  ],
  sizes: ({ gateway: { replicas, cores, storage, limits, groupLimits } }, { usersByGroup }) =>
    replicas > 0
      ? {
          gateway: {
            replicas,
            storage: roundUpToGibibytes(Math.max(storage, toBytes(METRICS_GATEWAY_OPTIONS.storage.default))),
            // If groups have separate users, `limits` applies to groups without planned nodes. These groups get
            // the minimum limits.
            limits: usersByGroup ? computeSeriesLimitsOfFleet([]) : limits,
            groupLimits: usersByGroup ? groupLimits : {},
            resources: {
              ...METRICS_GATEWAY_OPTIONS.resources.default,
              cpu: roundUpCpu(cores * VMAGENT_CPU_SHARE * HEADROOM),
            },
          },
        }
      : {},
};
