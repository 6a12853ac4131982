/**
 * How many series a node has by each profile: those that a real node_exporter of this machine says, which a sidecar pushes,
 * those that an agent scrapes at its interval, and those that it scrapes less often; and how many these are on a device with
 * four cores.
 *
 *   npm run bench:series
 *
 * Needs what the end-to-end tests need.
 */
import { availableParallelism } from 'node:os';
import {
  collectorArgs,
  type MetricsSelection,
  metricsSelectionOf,
  OWN_METRICS,
} from '../lib/edge/node-exporter/metrics-profile';
import { SERIES } from '../lib/fleet/coefficients';
import { argumentsOf, onPods, Table } from './support/main';
import { answerOf } from './support/samples';

const CORES = 4;

const isOneOf = (name: string, names: readonly string[] = []) =>
  names.length > 0 && new RegExp(`^(?:${names.join('|')})$`).test(name);

/** As an agent keeps them: the same expressions, which name whole metrics. */
function isKept(name: string, { ownMetrics, metrics, leftOut }: MetricsSelection): boolean {
  const isChosen =
    (!metrics || !name.startsWith('node_') || isOneOf(name, metrics)) && !isOneOf(name, leftOut);
  return isChosen && (ownMetrics === true || !isOneOf(name, [OWN_METRICS]));
}

/** The series of an answer, by who sends them and how often. */
function sentSeries(answer: string, selection: MetricsSelection) {
  const pushed = answer.split('\n').filter((line) => line && !line.startsWith('#'));
  const nameOf = (id: string) => /^[^{ ]+/.exec(id)?.[0] ?? '';
  const kept = pushed.filter((id) => isKept(nameOf(id), selection));
  const isSlow = (id: string) => isOneOf(nameOf(id), selection.slowMetrics?.names);
  return { pushed, frequent: kept.filter((id) => !isSlow(id)), slow: kept.filter(isSlow) } as const;
}

/** How many there are on a device with more cores. */
const onMoreCores = (ids: readonly string[], cores: number): number =>
  ids.length + (CORES - cores) * ids.filter((id) => id.includes('cpu="0"')).length;

argumentsOf({});

async function run(): Promise<void> {
  const cores = availableParallelism();
  const table = new Table([
    ['series', 34],
    [`on ${cores} cores`, 11],
    [`on ${CORES}`, 6],
    ['in lib/fleet', 12],
  ]);
  for (const profile of ['full', 'standard', 'lean'] as const) {
    const selection = metricsSelectionOf(profile);
    const series = sentSeries(await answerOf(collectorArgs(selection)), selection);
    const { interval = '60s' } = selection.slowMetrics ?? {};
    for (const [label, kind] of [
      ['pushed by a sidecar', 'pushed'],
      ['of an agent, at its interval', 'frequent'],
      [`of an agent, every ${interval}`, 'slow'],
    ] as const) {
      table.row(
        `${profile}, ${label}`,
        series[kind].length,
        onMoreCores(series[kind], cores),
        SERIES[profile][kind],
      );
    }
  }
}

void onPods(run);
