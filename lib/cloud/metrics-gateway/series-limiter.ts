import { STAMPED_GROUP } from '../../contracts/endpoint';
import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import { layered, withDefaults } from '../../core/option-table';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import {
  anyOf,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_LABELS,
  RESERVED_METRICS,
} from '../../core/reserved-names';
import type { Cpu } from '../../core/units';
import {
  mostSeries,
  type Pools,
  SERIES_LIMITS,
  SERIES_WINDOW_SECONDS,
  type SeriesLimits,
  sharedByGroups,
} from '../../fleet/series-limits';
import type { MetricsGatewayProps } from './options';
import program from './series-limiter/main.mjs?bundle';
import { SERIES_LIMITER } from './sizing';

/** The limiter's program. */
export const SERIES_LIMITER_FILES: Files = { 'main.mjs': program };

/** Limits of a gateway. */
export interface GatewayLimits {
  /** Of all nodes together. */
  readonly mostSeries: number;
  /** As the limiter reads them; `hasGroups` says whether the guard says of which group a request is. */
  readonly file: (hasGroups: boolean) => string;
}

/** The limits of all nodes, and of groups. */
export function seriesLimits({
  limits = {},
  groupLimits = {},
  ingress,
  pushPrefix,
}: Pick<MetricsGatewayProps, 'limits' | 'groupLimits' | 'ingress' | 'pushPrefix'>): GatewayLimits {
  const all = withDefaults(SERIES_LIMITS, limits);
  const given = Object.entries(groupLimits).map(
    ([group, ofGroup]) =>
      [group, withDefaults(SERIES_LIMITS, layered<SeriesLimits>(ofGroup, limits))] as const,
  );
  const pools: Pools = given.length
    ? { pools: Object.fromEntries(given) }
    : sharedByGroups(all, ingress?.groups);
  return {
    mostSeries: given.length ? given.reduce((sum, [, pool]) => sum + mostSeries(pool), 0) : mostSeries(all),
    file: (hasGroups) =>
      `${JSON.stringify(
        {
          windowMs: SERIES_WINDOW_SECONDS * 1_000,
          ...pools,
          // Of what no guard says anything, a query is the client's.
          groupStamp: hasGroups ? `^\\?extra_label=${STAMPED_GROUP}=(?<group>[^&]+)$` : '(?!)',
          reservedMetrics: anyOf(RESERVED_METRICS),
          reservedJobs: anyOf(RESERVED_JOBS),
          ...(pushPrefix && {
            pushes: {
              prefix: pushPrefix,
              reservedMetrics: anyOf(RESERVED_IN_PUSHES),
              reservedLabels: RESERVED_LABELS,
            },
          }),
        },
        undefined,
        2,
      )}\n`,
  };
}

/** Properties for `seriesLimiter`. */
export interface SeriesLimiterProps {
  readonly image: string;
  readonly limits: GatewayLimits;
  /** Requested processor time. */
  readonly cpu: Cpu;
  /** Port that the edge writes to; its metrics are there, too. */
  readonly port: number;
  /** Folder of its program. */
  readonly programDir: string;
  readonly limitsFile: string;
  /** Where it keeps what it knows, so that a restart makes nobody a newcomer. */
  readonly stateFile: string;
  /** Address of the gateway, which takes what may pass. */
  readonly targetUrl: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** The container before a gateway: no node brings in more series than it may have, and none that the cloud writes. */
export function seriesLimiter(props: SeriesLimiterProps): ContainerSpec {
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
