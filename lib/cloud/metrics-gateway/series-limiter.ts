import { CERTIFIED_GROUP_HEADER, STAMPED_GROUP, STAMPED_NODE } from '../../contracts/endpoint';
import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import { mergeOptionsPreferringFirst, withFixedDefaults } from '../../core/option-table';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import {
  joinPatternsToMatchWholeText,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_METRICS,
  RESERVED_SERIES_LABELS,
} from '../../core/reserved-names';
import type { Cpu } from '../../core/units';
import {
  computeSeriesLimitsPerGroup,
  type GroupLimits,
  maxAllowedSeries,
  SERIES_LIMITS,
  SERIES_WINDOW_SECONDS,
  type SeriesLimits,
} from '../../fleet/series-limits';
import type { MetricsGatewayProps } from './options';
import program from './series-limiter/main.mjs?bundle';
import { SERIES_LIMITER } from './sizing';

/** Content of the volume with the series limiter's program. */
export const SERIES_LIMITER_FILES: Files = { 'main.mjs': program };

/** Whether the guard adds a label to the query of each request. At most one of the two fields is true. */
export interface LabelsAddedByGuard {
  /** Whether the guard adds the group of the user to each request. */
  readonly group: boolean;
  /** Whether the guard adds the node name in the client certificate to each request. */
  readonly node: boolean;
}

/** Series limits of a metrics gateway. */
export interface GatewayLimits {
  /** Maximum number of series of all nodes together. */
  readonly mostSeries: number;
  /** Renders the configuration file of the series limiter, in JSON. */
  readonly renderFile: (guardLabels: LabelsAddedByGuard) => string;
}

/**
 * Returns the series limits of a gateway. If `groupLimits` is set, each group has its own limits; a limit that is not
 * set for a group comes from `limits`. If `groupLimits` is not set, all groups share `limits`.
 */
export function gatewaySeriesLimits({
  limits = {},
  groupLimits = {},
  ingress,
  pushPrefix,
}: Pick<MetricsGatewayProps, 'limits' | 'groupLimits' | 'ingress' | 'pushPrefix'>): GatewayLimits {
  const all = withFixedDefaults(SERIES_LIMITS, limits);
  const groups = Object.keys(groupLimits).length
    ? [...Object.keys(groupLimits), ...(ingress?.groups ?? [])]
    : [];
  const given = [...new Set(groups)].map(
    (group) =>
      [
        group,
        withFixedDefaults(
          SERIES_LIMITS,
          mergeOptionsPreferringFirst<SeriesLimits>(groupLimits[group], limits),
        ),
      ] as const,
  );
  const pools: GroupLimits = given.length
    ? { pools: Object.fromEntries(given) }
    : computeSeriesLimitsPerGroup(all, ingress?.groups);
  return {
    mostSeries: given.length
      ? given.reduce((sum, [, pool]) => sum + maxAllowedSeries(pool), 0)
      : maxAllowedSeries(all),
    renderFile: (guardLabels) =>
      `${JSON.stringify(
        {
          windowMs: SERIES_WINDOW_SECONDS * 1_000,
          ...pools,
          groupStamp: patternOfGuardLabelInUrlQuery(guardLabels),
          ...(guardLabels.node && {
            groupHeader: CERTIFIED_GROUP_HEADER.toLowerCase(),
            groupParameter: `extra_label=${STAMPED_GROUP}=`,
          }),
          reservedMetrics: joinPatternsToMatchWholeText(RESERVED_METRICS),
          reservedJobs: joinPatternsToMatchWholeText(RESERVED_JOBS),
          ...(pushPrefix && {
            pushes: {
              prefix: pushPrefix,
              reservedMetrics: joinPatternsToMatchWholeText(RESERVED_IN_PUSHES),
              reservedLabels: RESERVED_SERIES_LABELS,
            },
          }),
        },
        undefined,
        2,
      )}\n`,
  };
}

/**
 * Returns the regular expression that finds the group or node that the guard added to the query of a request's URL.
 * If the guard adds neither, only the client can have added a query. The expression then never matches, so that the
 * series limiter rejects each request with a query.
 */
function patternOfGuardLabelInUrlQuery({ group, node }: LabelsAddedByGuard): string {
  if (group) return `^\\?extra_label=${STAMPED_GROUP}=(?<group>[^&]+)$`;
  return node ? `^\\?extra_label=${STAMPED_NODE}=(?<node>[^&]+)$` : '(?!)';
}

/** Properties for `seriesLimiterContainer`. */
export interface SeriesLimiterProps {
  readonly image: string;
  readonly limits: GatewayLimits;
  /** CPU request of the container. */
  readonly cpu: Cpu;
  /** Port for remote-write requests, at which the limiter also serves its metrics. */
  readonly port: number;
  /** Mount path of the series limiter's program. */
  readonly programDir: string;
  readonly limitsFile: string;
  /** Path of the file that stores the known series, so that known series do not count as new after a restart. */
  readonly stateFile: string;
  /** Remote-write URL of vmagent, to which the limiter forwards requests. */
  readonly targetUrl: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/**
 * Returns the container of the series limiter, which receives all requests for vmagent. The series limiter limits the
 * number of series of each node, and rejects series whose metric name or job is reserved for cloud components.
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
    resources: { cpu: props.cpu, memory: '96Mi', memoryLimit: memoryLimitForHeap(heap) },
    volumeMounts: [...props.volumeMounts],
    ...httpProbes({ ready: '/metrics', readyPort: 'write', live: '/metrics', livePort: 'write' }),
  };
}

/**
 * Returns the memory limit for a heap size in MiB: the heap plus the other memory of the program, rounded up to a
 * multiple of 64Mi.
 */
const memoryLimitForHeap = (heap: number): `${number}Mi` =>
  `${Math.ceil((heap + SERIES_LIMITER.baseBytes / 2 ** 20) / 64) * 64}Mi`;
