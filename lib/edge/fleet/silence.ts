import { withDefaults } from '../../core/option-table';
import { type Duration, seconds } from '../../core/units';
import { displayValue, invalid } from '../../core/validation';
import { OWN_INTERVAL } from '../metrics-agent';
import { describeNodes, RULED_NODES, type RuledNodes } from '../ruled-nodes';

/** How often a transport reports from a node, in seconds and in words. */
interface SignsOfLife {
  readonly every: number;
  /** Delay until the cloud has the sample, in seconds. */
  readonly late: number;
  readonly why: string;
}

/**
 * Checks that a node does not count as silent between two samples, nor if one of them is lost, and that it
 * does not leave the fleet before anybody is notified.
 * @throws InvalidOptionError with the shortest possible `silentAfter` and the group that requires it, or with
 * the shortest `forgetAfter`.
 */
export function verifySilence(
  where: string,
  { silentAfter, forgetAfter }: { readonly silentAfter: Duration; readonly forgetAfter: Duration },
  nodes: readonly RuledNodes[],
): void {
  if (seconds(forgetAfter) <= seconds(silentAfter)) {
    throw invalid(
      where,
      `threshold forgetAfter is ${displayValue(forgetAfter)}; allowed: longer than silentAfter, which is ` +
        `${displayValue(silentAfter)}; otherwise a node leaves the fleet before anybody is notified`,
    );
  }
  const [rarest] = nodes.map(signsOfLife).sort((one, other) => minSilence(other) - minSilence(one));
  if (!rarest || seconds(silentAfter) >= minSilence(rarest)) return;
  throw invalid(
    where,
    `threshold silentAfter is ${displayValue(silentAfter)}; allowed: "${minSilence(rarest)}s" or more, since ${rarest.why}`,
  );
}

/**
 * Returns the longest evaluation interval at which no node counts as silent in between, since each evaluation
 * is expensive if a client pushes nodes that do not exist; undefined for the default interval.
 */
export function membershipInterval(
  silentAfter: Duration,
  nodes: readonly RuledNodes[],
): Duration | undefined {
  const room =
    seconds(silentAfter) - Math.max(...(nodes.length ? nodes.map(signsOfLife) : UNSAID).map(minSilence));
  return SIGNS_INTERVALS.find((interval) => seconds(interval) <= room);
}

/** Shorter than Prometheus's lookback of five minutes. */
const SIGNS_INTERVALS: readonly Duration[] = ['2m', '1m'];

const minSilence = ({ every, late }: SignsOfLife): number => 2 * every + late;

/** For nodes whose transport is unknown. */
const UNSAID = (['pushgateway', 'remote-write'] as const).map((transport) => signsOfLife({ transport }));

function signsOfLife({ transport, ...heard }: RuledNodes): SignsOfLife {
  const { interval, scrapeInterval, batchWait } = withDefaults(RULED_NODES, { transport, ...heard });
  return transport === 'pushgateway'
    ? {
        every: seconds(interval),
        late: seconds(scrapeInterval),
        why: `${describeNodes(heard)} push every ${interval} and are scraped every ${scrapeInterval}: increase silentAfter, or shorten their interval`,
      }
    : {
        every: seconds(OWN_INTERVAL),
        late: seconds(batchWait),
        why: `agents of ${describeNodes(heard)} report every ${OWN_INTERVAL} and collect batches for ${batchWait}: increase silentAfter, or shorten their sending.batchWait`,
      };
}
