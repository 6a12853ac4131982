import { bytes, type Duration, seconds } from '../core/units';
import { AGENT_SERIES, type ProfileSeries, SERIES } from './coefficients';
import { EXPORTER_TRAFFIC, type FleetGroup } from './fleet';

/** Series that a node sends together at an interval. */
interface Sending {
  /** Number of equal requests per interval, such as one for each target. */
  readonly count: number;
  /** Number of series in each request. */
  readonly series: number;
  /** Interval of the requests. */
  readonly interval: Duration;
}

/** All that one node of a group sends: of node_exporter, of containers and the agent, and of each target of other exporters. */
export const sendingsOf = (group: FleetGroup): Sending[] => [
  ...nodeExporterSendings(group),
  ...(group.exporters ?? []).map(
    ({ targets = EXPORTER_TRAFFIC.targets.default, series, interval = group.interval }) => ({
      ...{ count: targets, series, interval },
    }),
  ),
];

/**
 * Returns the samples that a node sends about itself. A number of series is distributed over the intervals of its
 * profile.
 */
function nodeExporterSendings({ series: given, profile, transport, interval }: FleetGroup): Sending[] {
  const named = typeof given === 'string' ? given : profile;
  if (transport === 'pushgateway' || !named) {
    return [{ count: 1, series: typeof given === 'string' ? SERIES[given].pushed : given, interval }];
  }
  const sent = agentSendings(SERIES[named], interval);
  const share = typeof given === 'number' ? given / sumOf(sent, ({ series }) => series) : 1;
  return sent.map((one) => ({ ...one, series: one.series * share }));
}

function agentSendings(
  { frequent, slow, slowInterval, containers }: ProfileSeries,
  interval: Duration,
): Sending[] {
  const { containersInterval, own, ownInterval } = AGENT_SERIES;
  const isSlower = seconds(slowInterval) > seconds(interval);
  return [
    { count: 1, series: frequent, interval },
    { count: 1, series: slow, interval: isSlower ? slowInterval : interval },
    { count: 1, series: containers, interval: containersInterval },
    { count: 1, series: own, interval: ownInterval },
  ];
}

/** Series of one node of a group. */
export const seriesOfNode = (group: FleetGroup): number =>
  sendingsOf(group).reduce((sum, { count, series }) => sum + count * series, 0);

/** Returns the number of grouping keys under which a node pushes. */
export const pushesPerNode = (group: FleetGroup): number => sumOf(sendingsOf(group), ({ count }) => count);

/** Returns the bytes of log lines that a node's containers write per day. */
export const logBytesPerNode = ({ logs }: FleetGroup): number => (logs ? bytes(logs) : 0);

/** Returns the sum of a value over a list. */
export const sumOf = <T>(all: readonly T[], value: (one: T) => number): number =>
  all.reduce((total, one) => total + value(one), 0);

/** Returns the samples per second of some groups. */
export const samplesPerSecond = (groups: readonly FleetGroup[]): number =>
  sumOf(
    groups,
    (group) =>
      group.nodes *
      sumOf(sendingsOf(group), ({ count, series, interval }) => (count * series) / seconds(interval)),
  );

/** Returns the number of series of all nodes of some groups. */
export const totalSeries = (all: readonly FleetGroup[]): number =>
  sumOf(all, (one) => one.nodes * seriesOfNode(one));
