import { type Duration, toBytes, toSeconds } from '../core/units';
import { AGENT_SERIES, type ProfileSeries, SERIES } from './coefficients';
import { EXPORTER_TRAFFIC, type FleetGroup } from './fleet';

/**
 * Requests with metrics that a node sends at the same interval, with the same number of series in each request. An
 * agent sends batches instead: for an agent, each scrape counts as one request.
 */
interface MetricsRequests {
  /** Number of requests in each interval. A sidecar sends one request for each target of an exporter. */
  readonly count: number;
  /** Number of series in each request. */
  readonly series: number;
  /** Length of the interval in which the node sends `count` requests. */
  readonly interval: Duration;
}

/**
 * Returns all requests with metrics that one node of a group sends: metrics of node_exporter and of each target of the
 * other exporters. With remote write, the result also contains the metrics of containers and of the agent itself.
 */
export const listMetricsPushesOfNode = (group: FleetGroup): MetricsRequests[] => [
  ...listPushesOfNodeExporterAndAgent(group),
  ...(group.exporters ?? []).map(
    ({ targets = EXPORTER_TRAFFIC.targets.default, series, interval = group.interval }) => ({
      ...{ count: targets, series, interval },
    }),
  ),
];

/**
 * Returns the requests with metrics of node_exporter and, with remote write, of containers and the agent. If the group
 * sets a number of series and a profile, an agent's series are distributed over the scrape intervals of the profile.
 */
function listPushesOfNodeExporterAndAgent({
  series: given,
  profile,
  transport,
  interval,
}: FleetGroup): MetricsRequests[] {
  const named = typeof given === 'string' ? given : profile;
  if (transport === 'pushgateway' || !named) {
    return [{ count: 1, series: typeof given === 'string' ? SERIES[given].pushed : given, interval }];
  }
  const sent = listAgentPushesForProfile(SERIES[named], interval);
  const share = typeof given === 'number' ? given / sumBy(sent, ({ series }) => series) : 1;
  return sent.map((one) => ({ ...one, series: one.series * share }));
}

function listAgentPushesForProfile(
  { frequent, slow, slowInterval, containers }: ProfileSeries,
  interval: Duration,
): MetricsRequests[] {
  const { containersInterval, own, ownInterval } = AGENT_SERIES;
  const isSlower = toSeconds(slowInterval) > toSeconds(interval);
  return [
    { count: 1, series: frequent, interval },
    { count: 1, series: slow, interval: isSlower ? slowInterval : interval },
    { count: 1, series: containers, interval: containersInterval },
    { count: 1, series: own, interval: ownInterval },
  ];
}

/** Returns the number of series that one node of a group sends. */
export const countSeriesOfNode = (group: FleetGroup): number =>
  listMetricsPushesOfNode(group).reduce((sum, { count, series }) => sum + count * series, 0);

/** Returns the number of grouping keys under which one node of a group pushes to a Pushgateway. */
export const countGroupingKeysOfNode = (group: FleetGroup): number =>
  sumBy(listMetricsPushesOfNode(group), ({ count }) => count);

/**
 * Returns the bytes of log lines that the containers of one node write per day, before compression. Returns 0 without
 * logs.
 */
export const bytesOfLogsWrittenPerDay = ({ logs }: FleetGroup): number => (logs ? toBytes(logs) : 0);

/** Returns the sum of `value` over all entries of a list. */
export const sumBy = <T>(all: readonly T[], value: (one: T) => number): number =>
  all.reduce((total, one) => total + value(one), 0);

/** Returns the number of samples per second that all nodes of the groups send together. */
export const countSamplesPerSecondOfGroups = (groups: readonly FleetGroup[]): number =>
  sumBy(
    groups,
    (group) =>
      group.nodes *
      sumBy(
        listMetricsPushesOfNode(group),
        ({ count, series, interval }) => (count * series) / toSeconds(interval),
      ),
  );

/** Returns the number of series that all nodes of the groups send together. */
export const countSeriesOfGroups = (all: readonly FleetGroup[]): number =>
  sumBy(all, (one) => one.nodes * countSeriesOfNode(one));
