import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { roundCpu, toGibibytes } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { samplesPerSecond } from '../../fleet/sendings';
import { type SeriesLimits, seriesLimitsOf } from '../../fleet/series-limits';
import { formatCount, formatSize, type Sizing } from '../../fleet/sizing';
import { storeCopies } from '../store-replicas';
import { METRICS_GATEWAY_OPTIONS } from './options';

/** Coefficients of a replica of the gateway, measured by `npm run bench:gateway` except where noted. */
export const GATEWAY = {
  /**
   * CPU seconds per sample of each container, also for refused requests, in batches as nodes at `standard` send them;
   * `copy` is that of vmagent for each store after the first, 0.29 times that of the first.
   */
  secondsPerSample: { limiter: 2.2e-6, vmagent: 1.3e-6, filter: 0.15e-6, copy: 0.38e-6 },
  /** Disk bytes per queued sample, measured by `npm run bench:prometheus`. */
  bytesPerQueuedSample: 16,
} as const;

/** Coefficients of the series limiter in front of the gateway. */
export const SERIES_LIMITER = {
  /** Memory of the program and of concurrent requests. */
  baseBytes: 192 * 2 ** 20,
  /** Memory per known series. */
  bytesPerSeries: 80,
} as const;

/** Planned resources of the metrics gateway. */
export interface MetricsGatewayPlan {
  /**
   * Resources of each of `replicas` gateways, one of which may be down; `storage` queues samples while
   * Prometheus is unavailable. All are 0 where no group uses remote write.
   */
  readonly gateway: {
    readonly replicas: number;
    readonly cores: number;
    readonly storage: number;
    /** Limits of all nodes that use remote write, and of those of each group. */
    readonly limits: Required<SeriesLimits>;
    readonly groupLimits: Readonly<Record<string, Required<SeriesLimits>>>;
  };
}

/** Returns the CPU seconds of a sample that is written to several stores. */
function secondsPerSample(copies: number): number {
  const { limiter, vmagent, filter, copy } = GATEWAY.secondsPerSample;
  return limiter + vmagent + filter * copies + copy * (copies - 1);
}

/** Computes the needs of each replica; when one is down, the others take over its share. */
function gatewayNeeds(fleet: Fleet): MetricsGatewayPlan['gateway'] {
  const { groups, longestOutage } = fleet;
  const copies = storeCopies(fleet);
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const samples = samplesPerSecond(written);
  const cores = samples * secondsPerSample(copies);
  const replicas = samples && Math.max(2, Math.ceil(cores) + 1);
  return {
    replicas,
    cores: replicas && cores / (replicas - 1),
    storage:
      replicas &&
      (samples * copies * seconds(longestOutage) * GATEWAY.bytesPerQueuedSample * HEADROOM) / (replicas - 1),
    limits: seriesLimitsOf(written),
    groupLimits: Object.fromEntries(written.map((group) => [group.name, seriesLimitsOf([group])])),
  };
}

/** The part of an environment's sizes for the gateway. */
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
/** vmagent's share of a gateway's CPU. */
const OF_VMAGENT = vmagent / (limiter + vmagent + filter);

/** Computes the size of the gateway for a fleet. */
export const metricsGatewaySizing: Sizing<MetricsGatewayPlan, MetricsGatewaySizes> = {
  needs: (fleet) => ({ gateway: gatewayNeeds(fleet) }),
  rows: ({ gateway: { replicas, cores, storage } }) => [
    ['gateway of remote write: replicas', formatCount(replicas)],
    ['gateway of remote write: cores of each', cores.toFixed(2)],
    ['gateway of remote write: volume of each', formatSize(storage)],
  ],
  sizes: ({ gateway: { replicas, cores, storage, limits, groupLimits } }, { usersByGroup }) =>
    replicas > 0
      ? {
          gateway: {
            replicas,
            storage: toGibibytes(Math.max(storage, bytes(METRICS_GATEWAY_OPTIONS.storage.default))),
            // With users per group, users of groups without planned nodes only get the minimum.
            limits: usersByGroup ? seriesLimitsOf([]) : limits,
            groupLimits: usersByGroup ? groupLimits : {},
            resources: {
              ...METRICS_GATEWAY_OPTIONS.resources.default,
              cpu: roundCpu(cores * OF_VMAGENT * HEADROOM),
            },
          },
        }
      : {},
};
