import { defaultsOf } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { bytes, type Quantity, seconds } from '../../core/units';
import { GIBI, gibibytes, MEBI, resources } from '../../fleet/amounts';
import { DAY, HEADROOM, LOGS } from '../../fleet/coefficients';
import type { Fleet, FleetGroup } from '../../fleet/fleet';
import { logBytesOf, sum } from '../../fleet/sendings';
import { type Sizing, size } from '../../fleet/sizing';
import { LOKI_LIMITS, type LokiLimits } from './limits';

/** What a Loki takes of memory; cited, since none was run here. */
export const LOKI = {
  /** With the streams of some hundred nodes, what its construct asks for. */
  baseBytes: 256 * 2 ** 20,
  /** So long lines are held until they are written: max_chunk_age of https://grafana.com/docs/loki/latest/configure/. */
  secondsHeld: 2 * 3_600,
  /** Twenty containers with two streams each. */
  streamsPerNode: 40,
  /** Of memory, for each stream that is written to: 430 MiB with 50,000 streams of five short lines, on Loki 3.7.6. */
  bytesPerStream: 9 * 2 ** 10,
  /** Streams of late lines, which are one for each hour, in multiples of those that are fresh; they end with half an hour. */
  lateStreams: 2,
  /** Lines that come in while nodes return, in multiples of what is written on average. */
  catchUp: 10,
} as const;

/** What the log lines of nodes take of Loki. */
export interface LogLoad {
  /** Streams that are written to at once, while nodes return that had no link. */
  readonly streams: number;
  /** Bytes of lines in a second, while nodes return that had no link. */
  readonly bytesPerSecond: number;
  /** Series of a query about all nodes, with room for those that were replaced. */
  readonly querySeries: number;
}

/** What nodes take of Loki; limits from it refuse none of them, and stop what is far beyond. */
export function logLoad(groups: readonly FleetGroup[]): LogLoad {
  const sending = groups.filter(({ logs }) => logs);
  const nodes = sending.reduce((total, group) => total + group.nodes, 0);
  const bytesPerDay = sending.reduce((total, group) => total + group.nodes * logBytesOf(group), 0);
  return {
    streams: nodes * LOKI.streamsPerNode * (1 + LOKI.lateStreams),
    bytesPerSecond: (bytesPerDay / DAY) * LOKI.catchUp,
    querySeries: 2 * nodes,
  };
}

/** Its entry in a plan. */
export interface LokiPlan {
  /** What all nodes together write in a day, and the room for it until it is forgotten. */
  readonly loki: {
    readonly bytesPerDay: number;
    readonly memory: number;
    readonly storage: number;
    /** What all nodes together may take of it while many of them return. */
    readonly load: LogLoad;
    /** The same of each group, by its name. */
    readonly loads: Readonly<Record<string, LogLoad>>;
  };
}

function needs({ groups, retention }: Fleet): LokiPlan['loki'] {
  const bytesPerDay = sum(groups, (group) => group.nodes * logBytesOf(group));
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

/** Its entry among the sizes of an environment. */
export interface LokiSizes {
  readonly loki?: {
    readonly storage: Quantity;
    readonly resources: Resources;
    readonly limits: LokiLimits;
    /** Limits of each group, by its name. */
    readonly limitsByGroup: Readonly<Record<string, LokiLimits>>;
  };
}

/** What all may take of Loki, however few they are. */
const LIMITS = defaultsOf<LokiLimits, typeof LOKI_LIMITS>(LOKI_LIMITS);

/** What a group may take of Loki, however few nodes it has. */
const LEAST_OF_GROUP = { streams: 10_000, ingestionRate: '4Mi' } as const;

/** Limits that let everything through that nodes send, in whole mebibytes, and at least so much. */
const limitsFor = (
  { streams, bytesPerSecond }: LogLoad,
  least: Required<Pick<LokiLimits, 'streams' | 'ingestionRate'>>,
): LokiLimits => ({
  streams: Math.max(streams, least.streams),
  ingestionRate: `${Math.ceil(Math.max(bytesPerSecond, bytes(least.ingestionRate)) / MEBI)}Mi`,
});

/** What Loki needs for a fleet. */
export const lokiSizing: Sizing<LokiPlan, LokiSizes> = {
  needs: (fleet) => ({ loki: needs(fleet) }),
  rows: ({ loki: { bytesPerDay, memory, storage } }) => [
    ['Loki: a day', size(bytesPerDay)],
    ['Loki: memory', size(memory)],
    ['Loki: volume', size(storage)],
  ],
  sizes: ({ loki: { storage, memory, load, loads } }) =>
    storage > 0
      ? {
          loki: {
            storage: gibibytes(Math.max(storage, 10 * GIBI)),
            resources: resources(0, memory, 512 * MEBI),
            limits: {
              ...limitsFor(load, LIMITS),
              querySeries: Math.max(load.querySeries, LIMITS.querySeries),
            },
            limitsByGroup: Object.fromEntries(
              Object.entries(loads).map(([group, ofGroup]) => [group, limitsFor(ofGroup, LEAST_OF_GROUP)]),
            ),
          },
        }
      : {},
};
