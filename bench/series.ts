/**
 * How many series a node has by each profile: those that a real node_exporter of this machine says and that are kept,
 * and how many these are on a device with four cores.
 *
 *   npm run bench:series
 *
 * Needs what the end-to-end tests need.
 */
import { availableParallelism } from 'node:os';
import {
  collectorArgs,
  type MetricsSelection,
  OWN_METRICS,
  selectionOf,
} from '../lib/edge/node-exporter/metrics-profile';
import { SERIES } from '../lib/fleet/coefficients';
import { argumentsOf, onPods, Table } from './support/main';
import { answerOf } from './support/samples';

const CORES = 4;

/** As an agent keeps them: the same expressions, which name whole metrics. */
function isKept(name: string, { ownMetrics, metrics, leftOut = [] }: MetricsSelection): boolean {
  const isOwn = new RegExp(`^(?:${OWN_METRICS})$`).test(name);
  const isOneOf = (names: readonly string[]) => new RegExp(`^(?:${names.join('|')})$`).test(name);
  const isChosen = (!metrics || !name.startsWith('node_') || isOneOf(metrics)) && !isOneOf(leftOut);
  return isChosen && (ownMetrics === true || !isOwn);
}

argumentsOf({});

async function run(): Promise<void> {
  const cores = availableParallelism();
  const table = new Table([
    ['series by profile', 18],
    [`on ${cores} cores`, 11],
    [`on ${CORES}`, 6],
    ['in lib/fleet', 12],
  ]);
  for (const profile of ['full', 'standard', 'lean'] as const) {
    const selection = selectionOf(profile);
    const answer = await answerOf(collectorArgs(selection));
    const ids = answer.split('\n').filter((line) => line && !line.startsWith('#'));
    const kept = ids.filter((id) => isKept(/^[^{ ]+/.exec(id)?.[0] ?? '', selection));
    const ofACore = kept.filter((id) => id.includes('cpu="0"')).length;
    const there = kept.length + (CORES - cores) * ofACore;
    table.row(profile, kept.length, there, SERIES[profile]);
  }
}

void onPods(run);
