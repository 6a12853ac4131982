import { fixedDefaultsOf } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { type Quantity, toBytes, toSeconds } from '../../core/units';
import { GIBI, MEBI, resourcesFromUsage, roundUpToGibibytes } from '../../fleet/amounts';
import { HEADROOM, LOGS, SECONDS_PER_DAY } from '../../fleet/coefficients';
import type { Fleet, FleetGroup } from '../../fleet/fleet';
import { bytesOfLogsWrittenPerDay, sumBy } from '../../fleet/node-requests';
import { formatBytes, type Sizing } from '../../fleet/sizing';
import { LOKI_LIMITS, type LokiLimits } from './limits';

/** Coefficients for the memory and load of Loki, with their sources. */
export const LOKI = {
  /** Memory in bytes with the streams of some hundred nodes: the default memory request of `LokiStack`. */
  baseBytes: 256 * 2 ** 20,
  /**
   * Time for which lines stay in memory, in seconds: the default of max_chunk_age in
   * https://grafana.com/docs/loki/latest/configure/.
   */
  secondsHeld: 2 * 3_600,
  /** Streams per node: twenty containers with two streams each. */
  streamsPerNode: 40,
  /**
   * Memory of an active stream in bytes. Measured with Loki 3.7.6: 430 MiB for 50,000 streams of five short
   * lines.
   */
  bytesPerStream: 9 * 2 ** 10,
  /**
   * Number of additional streams while nodes deliver late lines, as a multiple of the number of normal
   * streams. Time sharding creates one stream for each hour of an outage. Each of these streams stays active for
   * half an hour.
   */
  lateStreams: 2,
  /** Rate of log lines while nodes deliver their backlog, as a multiple of the average rate. */
  catchUp: 10,
} as const;

/** Load on Loki from the log lines of edge nodes. */
export interface LogLoad {
  /** Number of active streams while nodes deliver their backlog. */
  readonly streams: number;
  /** Bytes of log lines per second while nodes deliver their backlog. */
  readonly bytesPerSecond: number;
  /**
   * Number of series in the result of a query about all nodes: twice the number of nodes, because replaced
   * nodes are also in the result.
   */
  readonly querySeries: number;
}

/**
 * Returns the load on Loki from the log lines of all planned nodes. Loki's limits are derived from this load, so that
 * Loki rejects clients that send far more than planned. Groups without logs cause no load.
 */
export function computeLogLoad(groups: readonly FleetGroup[]): LogLoad {
  const sending = groups.filter(({ logs }) => logs);
  const nodes = sending.reduce((total, group) => total + group.nodes, 0);
  const bytesPerDay = sending.reduce(
    (total, group) => total + group.nodes * bytesOfLogsWrittenPerDay(group),
    0,
  );
  return {
    streams: nodes * LOKI.streamsPerNode * (1 + LOKI.lateStreams),
    bytesPerSecond: (bytesPerDay / SECONDS_PER_DAY) * LOKI.catchUp,
    querySeries: 2 * nodes,
  };
}

/** Planned resources of Loki. */
export interface LokiPlan {
  /**
   * Size of the log lines of all nodes per day (`bytesPerDay`), and the memory and storage that Loki needs for the
   * retention period; all in bytes.
   */
  readonly loki: {
    readonly bytesPerDay: number;
    readonly memory: number;
    readonly storage: number;
    /** Load on Loki from the log lines of all nodes together. */
    readonly load: LogLoad;
    /** Load on Loki from the log lines of each group of nodes, by the group's name. */
    readonly loads: Readonly<Record<string, LogLoad>>;
  };
}

/**
 * Computes the memory, storage and load of Loki for a fleet. If no node sends logs, the memory is `LOKI.baseBytes`, and
 * all other numbers are 0.
 */
function computeLokiNeeds({ groups, retention }: Fleet): LokiPlan['loki'] {
  const bytesPerDay = sumBy(groups, (group) => group.nodes * bytesOfLogsWrittenPerDay(group));
  const days = toSeconds(retention.logs) / SECONDS_PER_DAY;
  const held = (bytesPerDay / SECONDS_PER_DAY) * LOKI.secondsHeld * LOGS.held;
  const load = computeLogLoad(groups);
  return {
    bytesPerDay,
    memory: LOKI.baseBytes + held + load.streams * LOKI.bytesPerStream,
    storage: bytesPerDay * days * LOGS.stored * HEADROOM,
    load,
    loads: Object.fromEntries(groups.map((group) => [group.name, computeLogLoad([group])])),
  };
}

/**
 * Volume, resources and limits of Loki, computed for the fleet. The field `loki` is undefined if no node sends logs.
 */
export interface LokiSizes {
  readonly loki?: {
    readonly storage: Quantity;
    readonly resources: Resources;
    readonly limits: LokiLimits;
    /** Loki's limits for each group of nodes, by the group's name. */
    readonly limitsByGroup: Readonly<Record<string, LokiLimits>>;
  };
}

/** Minimum of Loki's limits for all nodes together. Small fleets get these limits. */
const MIN_LIMITS = fixedDefaultsOf<LokiLimits, typeof LOKI_LIMITS>(LOKI_LIMITS);

/** Minimum of Loki's limits for a group of nodes. Groups with few nodes get these limits. */
const MIN_GROUP_LIMITS = { streams: 10_000, ingestionRate: '4Mi' } as const;

/**
 * Returns Loki limits that are high enough for a load, and not below the given minimum. The ingestion rate is rounded
 * up to whole mebibytes.
 * @param minimum minimum of each limit
 */
const lokiLimitsForLoad = (
  { streams, bytesPerSecond }: LogLoad,
  minimum: Required<Pick<LokiLimits, 'streams' | 'ingestionRate'>>,
): LokiLimits => ({
  streams: Math.max(streams, minimum.streams),
  ingestionRate: `${Math.ceil(Math.max(bytesPerSecond, toBytes(minimum.ingestionRate)) / MEBI)}Mi`,
});

/** Computes volume, resources and limits of Loki for a fleet. */
export const lokiSizing: Sizing<LokiPlan, LokiSizes> = {
  needs: (fleet) => ({ loki: computeLokiNeeds(fleet) }),
  rows: ({ loki: { bytesPerDay, memory, storage } }) => [
    ['Loki: log lines per day', formatBytes(bytesPerDay)],
    ['Loki: memory', formatBytes(memory)],
    ['Loki: volume', formatBytes(storage)],
  ],
  sizes: ({ loki: { storage, memory, load, loads } }) =>
    storage > 0
      ? {
          loki: {
            storage: roundUpToGibibytes(Math.max(storage, 10 * GIBI)),
            resources: resourcesFromUsage(0, memory, 512 * MEBI),
            limits: {
              ...lokiLimitsForLoad(load, MIN_LIMITS),
              querySeries: Math.max(load.querySeries, MIN_LIMITS.querySeries),
            },
            limitsByGroup: Object.fromEntries(
              Object.entries(loads).map(([group, ofGroup]) => [
                group,
                lokiLimitsForLoad(ofGroup, MIN_GROUP_LIMITS),
              ]),
            ),
          },
        }
      : {},
};
