import { defaultsOf } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { GIBI, MEBI, resourcesFromUsage, toGibibytes } from '../../fleet/amounts';
import { DAY, HEADROOM, LOGS } from '../../fleet/coefficients';
import type { Fleet, FleetGroup } from '../../fleet/fleet';
import { logBytesPerNode, sumOf } from '../../fleet/sendings';
import { formatSize, type Sizing } from '../../fleet/sizing';
import { LOKI_LIMITS, type LokiLimits } from './limits';

/** Coefficients of Loki's memory, with their sources. */
export const LOKI = {
  /** Memory with the streams of some hundred nodes: the construct's default request. */
  baseBytes: 256 * 2 ** 20,
  /** How long lines stay in memory: max_chunk_age of https://grafana.com/docs/loki/latest/configure/. */
  secondsHeld: 2 * 3_600,
  /** Twenty containers with two streams each. */
  streamsPerNode: 40,
  /** Memory of an active stream: 430 MiB with 50,000 streams of five short lines, on Loki 3.7.6. */
  bytesPerStream: 9 * 2 ** 10,
  /**
   * Streams of late lines, as a multiple of the current ones: one for each hour of an outage, active for half
   * an hour.
   */
  lateStreams: 2,
  /** Rate of log lines while nodes deliver their backlog, as a multiple of the average. */
  catchUp: 10,
} as const;

/** Load that the log lines of nodes put on Loki. */
export interface LogLoad {
  /** Active streams while nodes deliver their backlog. */
  readonly streams: number;
  /** Bytes of log lines per second while nodes deliver their backlog. */
  readonly bytesPerSecond: number;
  /** Series in the result of a query about all nodes, with headroom for replaced nodes. */
  readonly querySeries: number;
}

/**
 * Returns the load of node groups on Loki. Limits derived from it let all planned nodes through, and stop
 * senders far beyond the plan.
 */
export function logLoad(groups: readonly FleetGroup[]): LogLoad {
  const sending = groups.filter(({ logs }) => logs);
  const nodes = sending.reduce((total, group) => total + group.nodes, 0);
  const bytesPerDay = sending.reduce((total, group) => total + group.nodes * logBytesPerNode(group), 0);
  return {
    streams: nodes * LOKI.streamsPerNode * (1 + LOKI.lateStreams),
    bytesPerSecond: (bytesPerDay / DAY) * LOKI.catchUp,
    querySeries: 2 * nodes,
  };
}

/** Planned resources of Loki. */
export interface LokiPlan {
  /** Daily volume of log lines of all nodes, and storage for the retention period. */
  readonly loki: {
    readonly bytesPerDay: number;
    readonly memory: number;
    readonly storage: number;
    /** Load of all nodes together, while many of them deliver their backlog. */
    readonly load: LogLoad;
    /** Load of each group, by its name. */
    readonly loads: Readonly<Record<string, LogLoad>>;
  };
}

function lokiNeeds({ groups, retention }: Fleet): LokiPlan['loki'] {
  const bytesPerDay = sumOf(groups, (group) => group.nodes * logBytesPerNode(group));
  const days = seconds(retention.logs) / DAY;
  const held = (bytesPerDay / DAY) * LOKI.secondsHeld * LOGS.held;
  const load = logLoad(groups);
  return {
    bytesPerDay,
    memory: LOKI.baseBytes + held + load.streams * LOKI.bytesPerStream,
    storage: bytesPerDay * days * LOGS.stored * HEADROOM,
    load,
    loads: Object.fromEntries(groups.map((group) => [group.name, logLoad([group])])),
  };
}

/** The part of an environment's sizes for Loki. */
export interface LokiSizes {
  readonly loki?: {
    readonly storage: Quantity;
    readonly resources: Resources;
    readonly limits: LokiLimits;
    /** Limits of each group, by its name. */
    readonly limitsByGroup: Readonly<Record<string, LokiLimits>>;
  };
}

/** Minimum limits of all nodes, for small fleets. */
const LIMITS = defaultsOf<LokiLimits, typeof LOKI_LIMITS>(LOKI_LIMITS);

/** Minimum limits of a group with few nodes. */
const LEAST_OF_GROUP = { streams: 10_000, ingestionRate: '4Mi' } as const;

/** Returns limits that let through a load, in whole mebibytes, with a minimum. */
const lokiLimitsFor = (
  { streams, bytesPerSecond }: LogLoad,
  least: Required<Pick<LokiLimits, 'streams' | 'ingestionRate'>>,
): LokiLimits => ({
  streams: Math.max(streams, least.streams),
  ingestionRate: `${Math.ceil(Math.max(bytesPerSecond, bytes(least.ingestionRate)) / MEBI)}Mi`,
});

/** Computes the size of Loki for a fleet. */
export const lokiSizing: Sizing<LokiPlan, LokiSizes> = {
  needs: (fleet) => ({ loki: lokiNeeds(fleet) }),
  rows: ({ loki: { bytesPerDay, memory, storage } }) => [
    ['Loki: a day', formatSize(bytesPerDay)],
    ['Loki: memory', formatSize(memory)],
    ['Loki: volume', formatSize(storage)],
  ],
  sizes: ({ loki: { storage, memory, load, loads } }) =>
    storage > 0
      ? {
          loki: {
            storage: toGibibytes(Math.max(storage, 10 * GIBI)),
            resources: resourcesFromUsage(0, memory, 512 * MEBI),
            limits: {
              ...lokiLimitsFor(load, LIMITS),
              querySeries: Math.max(load.querySeries, LIMITS.querySeries),
            },
            limitsByGroup: Object.fromEntries(
              Object.entries(loads).map(([group, ofGroup]) => [
                group,
                lokiLimitsFor(ofGroup, LEAST_OF_GROUP),
              ]),
            ),
          },
        }
      : {},
};
