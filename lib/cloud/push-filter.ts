import type { Files } from '../core/config-files';
import type { ContainerSpec } from '../core/pods';
import { httpProbes } from '../core/probes';
import { anyOf, RESERVED_IN_PUSHES, RESERVED_JOBS, RESERVED_LABELS } from '../core/reserved-names';
import bodies from '../filters/bodies.mjs';
import exposition from '../filters/exposition.mjs';
import groupingKey from '../filters/grouping-key.mjs';
import groups from '../filters/groups.mjs';
import metricFamilies from '../filters/metric-families.mjs';
import metrics from '../filters/metrics.mjs';
import protobuf from '../filters/protobuf.mjs';
import main from '../filters/push-filter.mjs';
import pushes from '../filters/pushes.mjs';
import room from '../filters/room.mjs';
import server from '../filters/server.mjs';
import snappy from '../filters/snappy.mjs';
import turns from '../filters/turns.mjs';
import upstream from '../filters/upstream.mjs';

/** Most series that a Pushgateway holds. */
export interface PushLimits {
  /** Of one grouping key. */
  readonly seriesPerGroup: number;
  /** Of all grouping keys with one `hostname`. */
  readonly seriesPerNode: number;
  /** Of all. */
  readonly series: number;
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
  /** Volume that survives the pod, and the file on it that lists the groups. */
  readonly volume: { readonly name: string; readonly mountPath: string; readonly file: string };
}

/** Name of the volume with its program. */
export const PUSH_FILTER_VOLUME = 'push-filter';

const PROGRAM_DIR = '/opt/push-filter';

/** Garbage of large bodies is collected soon: by itself Node.js 24 lets it grow to 250 MiB. */
const MEMORY_FLAGS = ['--max-old-space-size=64', '--max-semi-space-size=2'];

/** The filter's program: plain modules without packages, since a ConfigMap is all that ships it. */
export const PUSH_FILTER_FILES: Files = {
  'bodies.mjs': bodies,
  'exposition.mjs': exposition,
  'grouping-key.mjs': groupingKey,
  'groups.mjs': groups,
  'main.mjs': main,
  'metric-families.mjs': metricFamilies,
  'metrics.mjs': metrics,
  'protobuf.mjs': protobuf,
  'pushes.mjs': pushes,
  'room.mjs': room,
  'server.mjs': server,
  'snappy.mjs': snappy,
  'turns.mjs': turns,
  'upstream.mjs': upstream,
};

/**
 * The container between clients and a Pushgateway, which cannot be read any more when two groups contradict each
 * other: it takes of each push what contradicts nobody, within limits, and says why it refuses the rest.
 */
export function pushFilter(props: PushFilterProps): ContainerSpec {
  const { limits, volume, exportersOnly } = props;
  const variables = {
    PUSHGATEWAY_PORT: `${props.pushgatewayPort}`,
    LISTEN_PORT: `${props.port}`,
    METRICS_PORT: `${props.metricsPort}`,
    ...(props.routePrefix && { ROUTE_PREFIX: props.routePrefix }),
    ...(exportersOnly && { EXPORTERS_ONLY: 'true' }),
    SERIES_OF_GROUP: `${limits.seriesPerGroup}`,
    SERIES_OF_NODE: `${limits.seriesPerNode}`,
    SERIES: `${limits.series}`,
    RESERVED_METRICS: anyOf(RESERVED_IN_PUSHES),
    RESERVED_JOBS: anyOf(RESERVED_JOBS),
    RESERVED_LABELS: RESERVED_LABELS.join(','),
    STATE_FILE: `${volume.mountPath}/${volume.file}`,
  };
  return {
    name: 'push-filter',
    image: props.image,
    command: ['node', ...MEMORY_FLAGS, `${PROGRAM_DIR}/main.mjs`],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [
      { name: 'http', containerPort: props.port, protocol: 'TCP' },
      { name: 'filter', containerPort: props.metricsPort, protocol: 'TCP' },
    ],
    resources: { cpu: '50m', memory: '64Mi', memoryLimit: '128Mi' },
    volumeMounts: [
      { name: PUSH_FILTER_VOLUME, mountPath: PROGRAM_DIR, readOnly: true },
      { name: volume.name, mountPath: volume.mountPath },
    ],
    ...httpProbes({ ready: '/metrics', readyPort: 'filter', live: '/metrics', livePort: 'filter' }),
  };
}
