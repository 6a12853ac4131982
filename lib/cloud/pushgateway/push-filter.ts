import type { Files } from '../../core/config-files';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { anyOf, RESERVED_IN_PUSHES, RESERVED_JOBS, RESERVED_LABELS } from '../../core/reserved-names';
import type { Cpu } from '../../core/units';
import { type Pools, SERIES_WINDOW_SECONDS } from '../../fleet/series-limits';
import program from './push-filter/main.mjs?bundle';
import { PUSH_FILTER } from './sizing';

/** Limits of a Pushgateway, as its filter reads them. */
export interface PushLimits extends Pools {
  /** Most series of one grouping key. */
  readonly seriesOfGroup: number;
  /** Most series of all. */
  readonly series: number;
  /** Most nodes of all. */
  readonly nodes: number;
}

/** Properties for `pushFilter`. */
export interface PushFilterProps {
  readonly image: string;
  /** Port of the Pushgateway on the pod's loopback address. */
  readonly pushgatewayPort: number;
  /** Port that clients push to, and Prometheus reads. */
  readonly port: number;
  readonly metricsPort: number;
  readonly routePrefix: string;
  /** Whether only exporters push: each grouping key is then job, instance and hostname, and perhaps group. */
  readonly exportersOnly: boolean;
  readonly limits: PushLimits;
  /** Requested processor time. */
  readonly cpu: Cpu;
  /** Volume that survives the pod. */
  readonly volume: { readonly name: string; readonly mountPath: string };
}

/** Name of the volume with its program. */
export const PUSH_FILTER_VOLUME = 'push-filter';

const PROGRAM_DIR = '/opt/push-filter';

const LIMITS_FILE = 'limits.json';

/** The filter's program and its limits. */
export const pushFilterFiles = (limits: PushLimits): Files => ({
  'main.mjs': program,
  [LIMITS_FILE]: `${JSON.stringify({ windowMs: SERIES_WINDOW_SECONDS * 1_000, ...limits }, undefined, 2)}\n`,
});

/**
 * The container between clients and a Pushgateway, which cannot be read any more when two groups contradict each
 * other: it takes of each push what contradicts nobody, within limits, and says why it refuses the rest.
 */
export function pushFilter(props: PushFilterProps): ContainerSpec {
  const { limits, volume, exportersOnly } = props;
  const known = Math.ceil((limits.series * PUSH_FILTER.bytesPerSeries) / 2 ** 20);
  const variables = {
    PUSHGATEWAY_PORT: `${props.pushgatewayPort}`,
    LISTEN_PORT: `${props.port}`,
    METRICS_PORT: `${props.metricsPort}`,
    ...(props.routePrefix && { ROUTE_PREFIX: props.routePrefix }),
    ...(exportersOnly && { EXPORTERS_ONLY: 'true' }),
    LIMITS_FILE: `${PROGRAM_DIR}/${LIMITS_FILE}`,
    RESERVED_METRICS: anyOf(RESERVED_IN_PUSHES),
    RESERVED_JOBS: anyOf(RESERVED_JOBS),
    RESERVED_LABELS: RESERVED_LABELS.join(','),
    STATE_DIR: volume.mountPath,
  };
  return {
    name: 'push-filter',
    image: props.image,
    command: [
      'node',
      `--max-old-space-size=${64 + known}`,
      // Garbage of large bodies is collected soon: by itself Node.js 24 lets it grow to 250 MiB.
      '--max-semi-space-size=2',
      `${PROGRAM_DIR}/main.mjs`,
    ],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [
      { name: 'http', containerPort: props.port, protocol: 'TCP' },
      { name: 'filter', containerPort: props.metricsPort, protocol: 'TCP' },
    ],
    resources: { cpu: props.cpu, memory: '64Mi', memoryLimit: `${128 + known}Mi` },
    volumeMounts: [
      { name: PUSH_FILTER_VOLUME, mountPath: PROGRAM_DIR, readOnly: true },
      { name: volume.name, mountPath: volume.mountPath },
    ],
    ...httpProbes({ ready: '/metrics', readyPort: 'filter', live: '/metrics', livePort: 'filter' }),
  };
}
