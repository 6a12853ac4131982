import { CERTIFIED_GROUP_HEADER, STAMPED_GROUP, STAMPED_NODE } from '../../contracts/endpoint';
import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import { mergeLayers, withDefaults } from '../../core/option-table';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import {
  anyOfPattern,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_LABELS,
  RESERVED_METRICS,
} from '../../core/reserved-names';
import type { Cpu } from '../../core/units';
import {
  maxSeries,
  type Pools,
  SERIES_LIMITS,
  SERIES_WINDOW_SECONDS,
  type SeriesLimits,
  shareAmongGroups,
} from '../../fleet/series-limits';
import type { MetricsGatewayProps } from './options';
import program from './series-limiter/main.mjs?bundle';
import { SERIES_LIMITER } from './sizing';

/** Files of the limiter's program. */
export const SERIES_LIMITER_FILES: Files = { 'main.mjs': program };

/** Values that the guard adds to each request: the group of its user, or the node of its certificate. */
export interface Stamps {
  readonly group: boolean;
  readonly node: boolean;
}

/** Limits on series of a gateway. */
export interface GatewayLimits {
  /** Maximum number of series of all nodes together. */
  readonly mostSeries: number;
  /** Returns the limiter's configuration file. */
  readonly file: (stamps: Stamps) => string;
}

/** Returns the limits of all nodes and of groups. */
export function gatewayLimits({
  limits = {},
  groupLimits = {},
  ingress,
  pushPrefix,
}: Pick<MetricsGatewayProps, 'limits' | 'groupLimits' | 'ingress' | 'pushPrefix'>): GatewayLimits {
  const all = withDefaults(SERIES_LIMITS, limits);
  const given = Object.entries(groupLimits).map(
    ([group, ofGroup]) =>
      [group, withDefaults(SERIES_LIMITS, mergeLayers<SeriesLimits>(ofGroup, limits))] as const,
  );
  const pools: Pools = given.length
    ? { pools: Object.fromEntries(given) }
    : shareAmongGroups(all, ingress?.groups);
  return {
    mostSeries: given.length ? given.reduce((sum, [, pool]) => sum + maxSeries(pool), 0) : maxSeries(all),
    file: (stamps) =>
      `${JSON.stringify(
        {
          windowMs: SERIES_WINDOW_SECONDS * 1_000,
          ...pools,
          groupStamp: stampPattern(stamps),
          ...(stamps.node && {
            groupHeader: CERTIFIED_GROUP_HEADER.toLowerCase(),
            groupParameter: `extra_label=${STAMPED_GROUP}=`,
          }),
          reservedMetrics: anyOfPattern(RESERVED_METRICS),
          reservedJobs: anyOfPattern(RESERVED_JOBS),
          ...(pushPrefix && {
            pushes: {
              prefix: pushPrefix,
              reservedMetrics: anyOfPattern(RESERVED_IN_PUSHES),
              reservedLabels: RESERVED_LABELS,
            },
          }),
        },
        undefined,
        2,
      )}\n`,
  };
}

/** Without a guard, the query comes from the client. */
function stampPattern({ group, node }: Stamps): string {
  if (group) return `^\\?extra_label=${STAMPED_GROUP}=(?<group>[^&]+)$`;
  return node ? `^\\?extra_label=${STAMPED_NODE}=(?<node>[^&]+)$` : '(?!)';
}

/** Properties for `seriesLimiter`. */
export interface SeriesLimiterProps {
  readonly image: string;
  readonly limits: GatewayLimits;
  /** CPU request. */
  readonly cpu: Cpu;
  /** Port for remote write of edge nodes, which also serves its metrics. */
  readonly port: number;
  /** Folder of the program. */
  readonly programDir: string;
  readonly limitsFile: string;
  /** File that stores the known series, so that they are not counted as new after a restart. */
  readonly stateFile: string;
  /** URL of vmagent, to which allowed requests are forwarded. */
  readonly targetUrl: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/**
 * Returns the container in front of vmagent. It limits the number of series of each node, and refuses series
 * that only the cloud may write.
 */
export function seriesLimiterContainer(props: SeriesLimiterProps): ContainerSpec {
  const { mostSeries: most } = props.limits;
  const heap = 64 + Math.ceil((most * SERIES_LIMITER.bytesPerSeries) / 2 ** 20);
  const variables = {
    LIMITS_FILE: props.limitsFile,
    STATE_FILE: props.stateFile,
    TARGET_URL: props.targetUrl,
    LISTEN_PORT: `${props.port}`,
  };
  return {
    name: 'series-limiter',
    image: props.image,
    command: ['node', `--max-old-space-size=${heap}`, `${props.programDir}/main.mjs`],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [{ name: 'write', containerPort: props.port, protocol: 'TCP' }],
    resources: { cpu: props.cpu, memory: '96Mi', memoryLimit: memoryLimit(heap) },
    volumeMounts: [...props.volumeMounts],
    ...httpProbes({ ready: '/metrics', readyPort: 'write', live: '/metrics', livePort: 'write' }),
  };
}

const memoryLimit = (heap: number): `${number}Mi` =>
  `${Math.ceil((heap + SERIES_LIMITER.baseBytes / 2 ** 20) / 64) * 64}Mi`;
