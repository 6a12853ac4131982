import { withDefaults } from '../../core/option-table';
import { type Duration, seconds } from '../../core/units';
import { invalid, shown } from '../../core/validation';
import { OWN_INTERVAL } from '../metrics-agent';
import { inWords, RULED_NODES, type RuledNodes } from '../ruled-nodes';

/** What nodes let be heard, in seconds and in words. */
interface SignsOfLife {
  readonly every: number;
  /** How much later it is known in the cloud. */
  readonly late: number;
  readonly why: string;
}

/**
 * Checks that no node counts as silent between two signs of life, nor where one of them is lost, and that it is not
 * forgotten before anybody is notified of it.
 *
 * @throws InvalidOptionError that says how long a silence has to be at least, and of which group, or how long a node has
 * to be remembered.
 */
export function verifySilence(
  where: string,
  { silentAfter, forgetAfter }: { readonly silentAfter: Duration; readonly forgetAfter: Duration },
  nodes: readonly RuledNodes[],
): void {
  if (seconds(forgetAfter) <= seconds(silentAfter)) {
    throw invalid(
      where,
      `threshold forgetAfter is ${shown(forgetAfter)}; allowed: longer than silentAfter, which is ` +
        `${shown(silentAfter)}: nobody would be told of a node that is forgotten before`,
    );
  }
  const [rarest] = nodes.map(signsOf).sort((one, other) => least(other) - least(one));
  if (!rarest || seconds(silentAfter) >= least(rarest)) return;
  throw invalid(
    where,
    `threshold silentAfter is ${shown(silentAfter)}; allowed: "${least(rarest)}s" or more, since ${rarest.why}`,
  );
}

/**
 * How seldom signs of life may be read, so that no node counts as silent meanwhile: each time is dear where somebody
 * invents nodes. Undefined is as often as rules are evaluated that do not say otherwise.
 */
export function signsInterval(silentAfter: Duration, nodes: readonly RuledNodes[]): Duration | undefined {
  const room = seconds(silentAfter) - Math.max(...(nodes.length ? nodes.map(signsOf) : UNSAID).map(least));
  return SIGNS_INTERVALS.find((interval) => seconds(interval) <= room);
}

/** Prometheus shows a sample for five minutes. */
const SIGNS_INTERVALS: readonly Duration[] = ['2m', '1m'];

const least = ({ every, late }: SignsOfLife): number => 2 * every + late;

/** Of nodes that nobody tells about. */
const UNSAID = (['pushgateway', 'remote-write'] as const).map((transport) => signsOf({ transport }));

function signsOf({ transport, ...heard }: RuledNodes): SignsOfLife {
  const { interval, scrapeInterval, batchWait } = withDefaults(RULED_NODES, { transport, ...heard });
  return transport === 'pushgateway'
    ? {
        every: seconds(interval),
        late: seconds(scrapeInterval),
        why: `${inWords(heard)} push every ${interval} and are read every ${scrapeInterval}: make it longer, or their interval shorter`,
      }
    : {
        every: seconds(OWN_INTERVAL),
        late: seconds(batchWait),
        why: `agents of ${inWords(heard)} tell of themselves every ${OWN_INTERVAL} and wait ${batchWait} for a batch: make it longer, or their sending.batchWait shorter`,
      };
}
