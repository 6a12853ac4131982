/**
 * Counts the series of a node by profile: those that a sidecar pushes, those that an agent scrapes at its interval, and
 * those that it scrapes less often, from a real node_exporter on this machine; and the number on a device with four
 * cores.
 *
 *   npm run bench:series
 *
 * Needs the programs of the end-to-end tests.
 */
import { availableParallelism } from 'node:os';
import {
  collectorArgs,
  type MetricsSelection,
  OWN_METRICS,
  resolveMetricsProfile,
} from '../lib/edge/node-exporter/metrics-profile';
import { SERIES } from '../lib/fleet/coefficients';
import { parseArguments, runOnPods, Table } from './support/main';
import { nodeExporterAnswer } from './support/samples';

const CORES = 4;

const isOneOf = (name: string, names: readonly string[] = []) =>
  names.length > 0 && new RegExp(`^(?:${names.join('|')})$`).test(name);

/** Selects series as an agent does: with the same expressions, which match whole metric names. */
function isKept(name: string, { ownMetrics, metrics, dropped }: MetricsSelection): boolean {
  const isChosen =
    (!metrics || !name.startsWith('node_') || isOneOf(name, metrics)) && !isOneOf(name, dropped);
  return isChosen && (ownMetrics === true || !isOneOf(name, [OWN_METRICS]));
}

/** Counts the series of a response by sender and interval. */
function countSentSeries(answer: string, selection: MetricsSelection) {
  const pushed = answer.split('\n').filter((line) => line && !line.startsWith('#'));
  const metricNameOf = (id: string) => /^[^{ ]+/.exec(id)?.[0] ?? '';
  const kept = pushed.filter((id) => isKept(metricNameOf(id), selection));
  const isSlow = (id: string) => isOneOf(metricNameOf(id), selection.slowMetrics?.names);
  return { pushed, frequent: kept.filter((id) => !isSlow(id)), slow: kept.filter(isSlow) } as const;
}

/** Returns the number of series on a device with more cores. */
const seriesWithCores = (ids: readonly string[], cores: number): number =>
  ids.length + (CORES - cores) * ids.filter((id) => id.includes('cpu="0"')).length;

parseArguments({});

async function runSeriesBench(): Promise<void> {
  const cores = availableParallelism();
  const table = new Table([
    ['series', 34],
    [`on ${cores} cores`, 11],
    [`on ${CORES}`, 6],
    ['in lib/fleet', 12],
  ]);
  for (const profile of ['full', 'standard', 'lean'] as const) {
    const selection = resolveMetricsProfile(profile);
    const series = countSentSeries(await nodeExporterAnswer(collectorArgs(selection)), selection);
    const { interval = '60s' } = selection.slowMetrics ?? {};
    for (const [label, kind] of [
      ['pushed by a sidecar', 'pushed'],
      ['of an agent, at its interval', 'frequent'],
      [`of an agent, every ${interval}`, 'slow'],
    ] as const) {
      table.addRow(
        `${profile}, ${label}`,
        series[kind].length,
        seriesWithCores(series[kind], cores),
        SERIES[profile][kind],
      );
    }
  }
}

void runOnPods(runSeriesBench);
