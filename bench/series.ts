/**
 * Counts the series of a real node_exporter on this machine for each metrics profile: the series that a sidecar pushes,
 * the series that an agent scrapes at its interval, and the series that the agent scrapes less often. Also prints the
 * numbers for a device with four cores, and the numbers in lib/fleet.
 *
 *   npm run bench:series
 *
 * The benchmark needs the programs of the end-to-end tests.
 */
import { availableParallelism } from 'node:os';
import {
  collectorArgs,
  type MetricsSelection,
  OWN_METRICS,
  resolveMetricsProfile,
} from '../lib/edge/node-exporter/metrics-profile';
import { SERIES } from '../lib/fleet/coefficients';
import { parseArguments, runBenchWithPods, Table } from './support/main';
import { fetchNodeExporterMetrics } from './support/samples';

const CORES = 4;

const matchesAnyOf = (name: string, names: readonly string[] = []) =>
  names.length > 0 && new RegExp(`^(?:${names.join('|')})$`).test(name);

/**
 * Returns whether an agent keeps the metric with this name. Uses the same expressions as an agent; an expression must
 * match the whole name.
 */
function isSelected(name: string, { ownMetrics, metrics, dropped }: MetricsSelection): boolean {
  const isChosen =
    (!metrics || !name.startsWith('node_') || matchesAnyOf(name, metrics)) && !matchesAnyOf(name, dropped);
  return isChosen && (ownMetrics === true || !matchesAnyOf(name, [OWN_METRICS]));
}

/**
 * Groups the series of a response by how they are sent: pushed by a sidecar, scraped by an agent at its interval, or
 * scraped less often.
 */
function groupSentSeries(answer: string, selection: MetricsSelection) {
  const pushed = answer.split('\n').filter((line) => line && !line.startsWith('#'));
  const metricNameOf = (id: string) => /^[^{ ]+/.exec(id)?.[0] ?? '';
  const kept = pushed.filter((id) => isSelected(metricNameOf(id), selection));
  const isSlow = (id: string) => matchesAnyOf(metricNameOf(id), selection.slowMetrics?.names);
  return { pushed, frequent: kept.filter((id) => !isSlow(id)), slow: kept.filter(isSlow) } as const;
}

/** Converts a number of series on a device with `cores` cores to the number on a device with four cores. */
const countSeriesWithCores = (ids: readonly string[], cores: number): number =>
  ids.length + (CORES - cores) * ids.filter((id) => id.includes('cpu="0"')).length;

parseArguments({});

async function runSeriesBench(): Promise<void> {
  const cores = availableParallelism();
  const table = new Table([
    ['series', 46],
    [`on ${cores} cores`, 11],
    [`on ${CORES}`, 6],
    ['lib/fleet has', 13],
  ]);
  for (const profile of ['full', 'standard', 'lean'] as const) {
    const selection = resolveMetricsProfile(profile);
    const series = groupSentSeries(await fetchNodeExporterMetrics(collectorArgs(selection)), selection);
    const { interval = '60s' } = selection.slowMetrics ?? {};
    for (const [label, kind] of [
      ['pushed by a sidecar', 'pushed'],
      ['scraped by an agent at its interval', 'frequent'],
      [`scraped by an agent every ${interval}`, 'slow'],
    ] as const) {
      table.addRow(
        `${profile}, ${label}`,
        series[kind].length,
        countSeriesWithCores(series[kind], cores),
        SERIES[profile][kind],
      );
    }
  }
}

void runBenchWithPods(runSeriesBench);
