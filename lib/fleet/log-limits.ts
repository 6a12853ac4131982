import { DAY, LOKI } from './coefficients';
import { type FleetGroup, logBytesOf } from './fleet';

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
