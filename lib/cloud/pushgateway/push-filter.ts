import { CERTIFIED_GROUP_HEADER } from '../../contracts/endpoint';
import type { Files } from '../../core/config-files';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import {
  joinPatternsToMatchWholeText,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_SERIES_LABELS,
} from '../../core/reserved-names';
import type { Cpu } from '../../core/units';
import { type GroupLimits, SERIES_WINDOW_SECONDS } from '../../fleet/series-limits';
import program from './push-filter/main.mjs?bundle';
import { PUSH_FILTER } from './sizing';

/** Limits of a Pushgateway shard, in the format of the push filter's configuration file. */
export interface PushLimits extends GroupLimits {
  /** Maximum number of series in a metric group (the series of one grouping key). */
  readonly seriesOfGroup: number;
  /** Maximum number of series in total. */
  readonly series: number;
  /** Maximum number of nodes in total. */
  readonly nodes: number;
}

/** Properties for `pushFilterContainer`. */
export interface PushFilterProps {
  readonly image: string;
  /** Port of Pushgateway on the pod's loopback address. */
  readonly pushgatewayPort: number;
  /** Port at which the filter accepts pushes, and at which Prometheus scrapes the pushed metrics. */
  readonly port: number;
  /** Port at which Prometheus scrapes the metrics about the filter. */
  readonly metricsPort: number;
  readonly routePrefix: string;
  /**
   * Whether the filter only accepts the grouping key of exporters: the labels job, instance, hostname and
   * optionally group.
   */
  readonly exportersOnly: boolean;
  readonly limits: PushLimits;
  /** CPU request of the container. */
  readonly cpu: Cpu;
  /** Mount of the persistent volume on which the filter saves its state. */
  readonly volume: { readonly name: string; readonly mountPath: string };
}

/** Name of the volume that contains the push filter's program and limits. */
export const PUSH_FILTER_VOLUME = 'push-filter';

const PROGRAM_DIR = '/opt/push-filter';

const LIMITS_FILE = 'limits.json';

/** Returns the files in the push filter's ConfigMap: the program and the limits. */
export const pushFilterConfigMapFiles = (limits: PushLimits): Files => ({
  'main.mjs': program,
  [LIMITS_FILE]: `${JSON.stringify({ windowMs: SERIES_WINDOW_SECONDS * 1_000, ...limits }, undefined, 2)}\n`,
});

/**
 * Returns the container of the push filter, which receives the requests to a Pushgateway. Pushgateway answers every
 * scrape with an error if two of its metric groups are inconsistent. The filter therefore refuses pushes that are
 * inconsistent with other metric groups, or that exceed a limit.
 */
export function pushFilterContainer(props: PushFilterProps): ContainerSpec {
  const { limits, volume, exportersOnly } = props;
  const known = Math.ceil((limits.series * PUSH_FILTER.bytesPerSeries) / 2 ** 20);
  const variables = {
    PUSHGATEWAY_PORT: `${props.pushgatewayPort}`,
    LISTEN_PORT: `${props.port}`,
    METRICS_PORT: `${props.metricsPort}`,
    ...(props.routePrefix && { ROUTE_PREFIX: props.routePrefix }),
    ...(exportersOnly && { EXPORTERS_ONLY: 'true', GROUP_HEADER: CERTIFIED_GROUP_HEADER }),
    LIMITS_FILE: `${PROGRAM_DIR}/${LIMITS_FILE}`,
    RESERVED_METRICS: joinPatternsToMatchWholeText(RESERVED_IN_PUSHES),
    RESERVED_JOBS: joinPatternsToMatchWholeText(RESERVED_JOBS),
    RESERVED_LABELS: RESERVED_SERIES_LABELS.join(','),
    STATE_DIR: volume.mountPath,
  };
  return {
    name: 'push-filter',
    image: props.image,
    command: [
      'node',
      `--max-old-space-size=${64 + known}`,
      // With this small semi-space, Node.js frees the memory of large request bodies early. With its default,
      // Node.js 24 uses up to 250 MiB for request bodies.
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
