import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { cpu, gibibytes } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { rate } from '../../fleet/sendings';
import { type SeriesLimits, seriesLimitsOf } from '../../fleet/series-limits';
import { count, type Sizing, size } from '../../fleet/sizing';
import { METRICS_GATEWAY_OPTIONS } from './options';

/** What a replica of a gateway of remote write takes: `npm run bench:gateway`. */
export const GATEWAY = {
  /** Of processor time, for each sample: each of its containers, also where requests are refused. */
  secondsPerSample: { limiter: 0.8e-6, vmagent: 0.75e-6, filter: 0.15e-6 },
  /** On disk, for each sample that waits: `npm run bench:prometheus`. */
  bytesPerQueuedSample: 16,
} as const;

/** What the limiter of series takes before a gateway. */
export const SERIES_LIMITER = {
  /** The program, and the requests that it reads at once. */
  baseBytes: 192 * 2 ** 20,
  /** Of memory, for each series that it knows. */
  bytesPerSeries: 80,
} as const;

/** Its entry in a plan. */
export interface MetricsGatewayPlan {
  /** What each of `replicas` gateways needs, one of which may be away; `storage` queues while Prometheus is. All are 0 where no group writes remotely. */
  readonly gateway: {
    readonly replicas: number;
    readonly cores: number;
    readonly storage: number;
    /** Of all nodes that write, and of those of each group. */
    readonly limits: Required<SeriesLimits>;
    readonly groupLimits: Readonly<Record<string, Required<SeriesLimits>>>;
  };
}

/** Of each replica: when one is away, the others take its part. */
function needs({ groups, longestOutage }: Fleet): MetricsGatewayPlan['gateway'] {
  const written = groups.filter(({ transport }) => transport === 'remote-write');
  const samples = rate(written);
  const { limiter, vmagent, filter } = GATEWAY.secondsPerSample;
  const cores = samples * (limiter + vmagent + filter);
  const replicas = samples && Math.max(2, Math.ceil(cores) + 1);
  return {
    replicas,
    cores: replicas && cores / (replicas - 1),
    storage:
      replicas &&
      (samples * seconds(longestOutage) * GATEWAY.bytesPerQueuedSample * HEADROOM) / (replicas - 1),
    limits: seriesLimitsOf(written),
    groupLimits: Object.fromEntries(written.map((group) => [group.name, seriesLimitsOf([group])])),
  };
}

/** Its entry among the sizes of an environment. */
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
/** Of what a gateway takes of a processor. */
const OF_VMAGENT = vmagent / (limiter + vmagent + filter);

/** What the gateway of remote write needs for a fleet. */
export const metricsGatewaySizing: Sizing<MetricsGatewayPlan, MetricsGatewaySizes> = {
  needs: (fleet) => ({ gateway: needs(fleet) }),
  rows: ({ gateway: { replicas, cores, storage } }) => [
    ['gateway of remote write: replicas', count(replicas)],
    ['gateway of remote write: cores of each', cores.toFixed(2)],
    ['gateway of remote write: volume of each', size(storage)],
  ],
  sizes: ({ gateway: { replicas, cores, storage, limits, groupLimits } }, { usersByGroup }) =>
    replicas > 0
      ? {
          gateway: {
            replicas,
            storage: gibibytes(Math.max(storage, bytes(METRICS_GATEWAY_OPTIONS.storage.default))),
            // Of users in groups, those of whom the plan knows no node have next to nothing.
            limits: usersByGroup ? seriesLimitsOf([]) : limits,
            groupLimits: usersByGroup ? groupLimits : {},
            resources: {
              ...METRICS_GATEWAY_OPTIONS.resources.default,
              cpu: cpu(cores * OF_VMAGENT * HEADROOM),
            },
          },
        }
      : {},
};
