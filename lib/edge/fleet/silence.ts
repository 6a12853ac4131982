import { withFixedDefaults } from '../../core/option-table';
import { type Duration, toSeconds } from '../../core/units';
import { formatValue, optionError } from '../../core/validation';
import { SELF_SCRAPE_INTERVAL } from '../metrics-agent';
import { describeNodesOfGroup, RULED_NODES, type RuledNodes } from '../ruled-nodes';

/** How often a node sends samples and how late they arrive, with a reason for the error message. */
interface ReportingSchedule {
  /** Interval between two samples of a node, in seconds. */
  readonly every: number;
  /** Maximum delay until a sample is stored in the cloud, in seconds. */
  readonly late: number;
  /** End of the error message: the reason for the schedule, and what the user can change. */
  readonly why: string;
}

/**
 * Validates `silentAfter` and `forgetAfter`. `silentAfter` must be long enough that a node does not count as silent
 * between two samples, even if one sample is lost. `forgetAfter` must be longer than `silentAfter`, so that an alert
 * fires before a node leaves the fleet.
 * @throws InvalidOptionError with the minimum of `silentAfter` and the group that requires it, or with the minimum of
 * `forgetAfter`.
 */
export function validateSilenceThresholds(
  where: string,
  { silentAfter, forgetAfter }: { readonly silentAfter: Duration; readonly forgetAfter: Duration },
  nodes: readonly RuledNodes[],
): void {
  if (toSeconds(forgetAfter) <= toSeconds(silentAfter)) {
    throw optionError(
      where,
      `threshold forgetAfter is ${formatValue(forgetAfter)}; allowed: longer than silentAfter, which is ${formatValue(silentAfter)}; otherwise a node leaves the fleet before an alert fires`,
    );
  }
  const [rarest] = nodes
    .map(reportingScheduleOfNodes)
    .sort((one, other) => minSilentAfterSeconds(other) - minSilentAfterSeconds(one));
  if (!rarest || toSeconds(silentAfter) >= minSilentAfterSeconds(rarest)) return;
  throw optionError(
    where,
    `threshold silentAfter is ${formatValue(silentAfter)}; allowed: "${minSilentAfterSeconds(rarest)}s" or more, because ${rarest.why}`,
  );
}

/**
 * Returns the evaluation interval of the membership rules. The interval must be short enough that a node that sends
 * samples never counts as silent. Within this limit, a longer interval is better, because an evaluation is expensive if
 * a client pushes node names that do not exist. Returns `undefined` if the rules need Prometheus's default interval.
 */
export function membershipRuleInterval(
  silentAfter: Duration,
  nodes: readonly RuledNodes[],
): Duration | undefined {
  const room =
    toSeconds(silentAfter) -
    Math.max(
      ...(nodes.length ? nodes.map(reportingScheduleOfNodes) : DEFAULT_SCHEDULES).map(minSilentAfterSeconds),
    );
  return EVALUATION_INTERVALS.find((interval) => toSeconds(interval) <= room);
}

/**
 * Possible evaluation intervals of the membership rules, longest first. The intervals must stay below Prometheus's
 * lookback of 5 minutes.
 */
const EVALUATION_INTERVALS: readonly Duration[] = ['2m', '1m'];

const minSilentAfterSeconds = ({ every, late }: ReportingSchedule): number => 2 * every + late;

/** Reporting schedules of both transports, for nodes whose transport is unknown. */
const DEFAULT_SCHEDULES = (['pushgateway', 'remote-write'] as const).map((transport) =>
  reportingScheduleOfNodes({ transport }),
);

function reportingScheduleOfNodes(nodes: RuledNodes): ReportingSchedule {
  const { transport, interval, scrapeInterval, batchWait } = withFixedDefaults(RULED_NODES, nodes);
  return transport === 'pushgateway'
    ? {
        every: toSeconds(interval),
        late: toSeconds(scrapeInterval),
        why: `${describeNodesOfGroup(nodes)} push every ${interval} and their Pushgateway is scraped every ${scrapeInterval}: increase silentAfter, or shorten the push interval`,
      }
    : {
        every: toSeconds(SELF_SCRAPE_INTERVAL),
        late: toSeconds(batchWait),
        why: `agents of ${describeNodesOfGroup(nodes)} report every ${SELF_SCRAPE_INTERVAL} and collect batches for ${batchWait}: increase silentAfter, or shorten sending.batchWait of these nodes`,
      };
}
