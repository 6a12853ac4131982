import { bytes, type Duration, seconds } from '../core/units';
import { SERIES } from './coefficients';
import { EXPORTER_TRAFFIC, type FleetGroup } from './fleet';

/** What is sent of a node at once, and how often. */
interface Sending {
  /** How many there are of it. */
  readonly count: number;
  /** Series of each. */
  readonly series: number;
  /** How often it is sent. */
  readonly interval: Duration;
}

/** All that one node of a group sends: of node_exporter, and of each target of other exporters. */
export const sendingsOf = ({ series: given, interval, exporters = [] }: FleetGroup): Sending[] => [
  { count: 1, series: typeof given === 'number' ? given : SERIES[given], interval },
  ...exporters.map(({ targets = EXPORTER_TRAFFIC.targets.default, series, interval: own = interval }) => ({
    ...{ count: targets, series, interval: own },
  })),
];

/** Series of one node of a group. */
export const seriesOf = (group: FleetGroup): number =>
  sendingsOf(group).reduce((sum, { count, series }) => sum + count * series, 0);

/** Grouping keys under which one node of a group pushes. */
export const pushesOf = (group: FleetGroup): number => sum(sendingsOf(group), ({ count }) => count);

/** Bytes that the containers of one node of a group write in a day. */
export const logBytesOf = ({ logs }: FleetGroup): number => (logs ? bytes(logs) : 0);

/** The sum of one number of each. */
export const sum = <T>(all: readonly T[], value: (one: T) => number): number =>
  all.reduce((total, one) => total + value(one), 0);

/** Samples a second. */
export const rate = (groups: readonly FleetGroup[]): number =>
  sum(
    groups,
    (group) =>
      group.nodes *
      sum(sendingsOf(group), ({ count, series, interval }) => (count * series) / seconds(interval)),
  );

/** Series of all nodes of some groups. */
export const seriesOfAll = (all: readonly FleetGroup[]): number =>
  sum(all, (one) => one.nodes * seriesOf(one));
