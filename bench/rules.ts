/**
 * Measures the CPU time of this stack's rules in Prometheus. The benchmark writes every series that a rule about nodes
 * reads to two real Prometheus servers, for simulated nodes and for the time range that the rule reads. The second server
 * also has series of node names that do not exist. Then the expressions of each rule group are evaluated alternately in
 * both servers, so that other load on the machine affects both equally.
 *
 *   npm run bench:rules [-- --nodes 500] [--sent 15000] [--unlimited] [--check]
 *
 * --nodes: number of simulated nodes. --sent: number of node names that do not exist. The second server stores as many of
 * these names as the limits of a fleet with these nodes accept; with --unlimited, all of them. --check: exit code 1 if a
 * result exceeds its target. The benchmark needs the programs of the end-to-end tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import type { Transport } from '../lib';
import { planFleet } from '../lib/charts/plan';
import { alertRulesAboutPrometheus } from '../lib/cloud/prometheus/rules';
import type { RuleGroup } from '../lib/contracts/rules';
import { RuleSet } from '../lib/core/rule-set';
import { type Duration, toSeconds } from '../lib/core/units';
import type { Fleet } from '../lib/fleet/fleet';
import { requirePrograms } from '../test/runtime/programs';
import { eventually } from '../test/runtime/wait';
import { nodeSeries, type SeriesPlan, unknownNodeSeries } from './support/fleet-series';
import { parseArguments, parseWholeNumber, runBench, setFailedExitCode, Table } from './support/main';
import { environmentRuleSources } from './support/rule-sources';
import { RuledPrometheus } from './support/ruled-prometheus';

/** Maximum CPU seconds of all rules together in each interval of half a minute. */
const TARGET_SECONDS = 1;
/** Metric with the number of node names that do not exist. */
const UNKNOWN = 'edge_fleet:unknown_nodes:count';
/** Maximum factor by which node names that do not exist may increase the CPU time. */
const TARGET_RATIO = 1.1;

/** Default evaluation interval of an environment in seconds. */
const EVALUATION_SECONDS = 30;

/**
 * Minimum number of evaluations of each group. The minimum CPU time follows below, because /proc counts in hundredths
 * of a second.
 */
const LEAST_EVALUATIONS = 3;
const LEAST_SECONDS = 1;
const MOST_EVALUATIONS = 50;

const options = parseArguments({
  nodes: { type: 'string', default: '500' },
  sent: { type: 'string', default: '15000' },
  unlimited: { type: 'boolean' },
  check: { type: 'boolean' },
});
const nodes = parseWholeNumber('nodes', options.nodes);
const sent = parseWholeNumber('sent', options.sent, 0);
const invented = options.unlimited ? sent : Math.min(sent, countStoredUnknownNodes());
const folder = mkdtempSync(join(tmpdir(), 'bench-rules-'));

/**
 * Returns how many node names that do not exist a fleet with these nodes would store: the free places within the limits
 * of the Pushgateway, and within the limits of each gateway replica.
 */
function countStoredUnknownNodes(): number {
  const planned = { name: 'bench', nodes, interval: '10s', series: 'standard' } as const;
  const fleetWithTransport = (transport: Transport): Fleet => ({
    groups: [{ ...planned, transport }],
    retention: { metrics: '15d', logs: '30d' },
    longestOutage: '1h',
    outOfOrderWindow: '2h',
  });
  const { limits, shards } = planFleet('bench', fleetWithTransport('pushgateway')).pushgateway;
  const { gateway } = planFleet('bench', fleetWithTransport('remote-write'));
  return limits.nodes * shards - nodes + (gateway.limits.nodes - nodes) * gateway.replicas;
}

interface Group {
  readonly name: string;
  /** Evaluation interval in an environment, in seconds. */
  readonly everySeconds: number;
  readonly expressions: readonly string[];
}

/** Returns all rule groups of an environment. */
function environmentRuleGroups(): RuleGroup[] {
  return [alertRulesAboutPrometheus({ replicas: 2 }), ...environmentRuleSources()].flatMap(
    ({ ruleGroups }) => ruleGroups,
  );
}

/** Renders the rule files, in which all groups have the default evaluation interval. */
function renderRuleFiles(ruleGroups: readonly RuleGroup[]): Record<string, string> {
  const rules = new RuleSet(new Chart(new App(), 'rules'), 'PromQL');
  rules.addRules({ ruleGroups: ruleGroups.map((group) => ({ ...group, interval: undefined })) });
  return rules.renderFiles();
}

/** Returns the groups with the expressions from the rule files, and with their own evaluation intervals. */
function groupsToMeasure(files: Readonly<Record<string, string>>, ruleGroups: readonly RuleGroup[]): Group[] {
  const intervals = new Map(ruleGroups.map(({ name, interval }) => [name, interval as Duration | undefined]));
  const all: { name: string; rules: { expr: string }[] }[] = Object.values(files).flatMap(
    (text) => parse(text).groups,
  );
  return all.map(({ name, rules }) => ({
    name,
    everySeconds: toSeconds(intervals.get(name) ?? `${EVALUATION_SECONDS}s`),
    expressions: rules.map(({ expr }) => expr),
  }));
}

/**
 * Writes the series of `count` nodes to the stores, `atOnce` nodes per request.
 * @returns the number of samples that each store received
 */
async function writeSeries(
  stores: readonly RuledPrometheus[],
  count: number,
  seriesOf: (number: number) => SeriesPlan[],
  atOnce: number,
): Promise<number> {
  let samples = 0;
  for (let first = 0; first < count; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => first + index);
    const plans = numbers.flatMap((number) => seriesOf(number));
    const [written = 0] = await Promise.all(stores.map((store) => store.writePastSamples(plans)));
    samples += written;
  }
  return samples;
}

/** Returns a function whose plans only have the newest sample of each series. */
const limitToNewestSample =
  (seriesOf: (number: number) => SeriesPlan[]) =>
  (number: number): SeriesPlan[] =>
    seriesOf(number).map((plan) => ({ ...plan, seconds: plan.step }));

const waitForCount = (what: string, store: RuledPrometheus, expr: string, count: number) =>
  eventually(what, async () => (await store.queryValue(expr)) === count, { seconds: 240, pauseMs: 1_000 });

/**
 * CPU seconds of one evaluation of a group: in the server with real nodes only (`alone`), and in the server that also
 * has node names that do not exist (`both`).
 */
interface Measured extends Group {
  readonly alone: number;
  readonly both: number;
}

async function measureGroup(
  group: Group,
  [alone, both]: readonly RuledPrometheus[],
  moments: readonly number[],
): Promise<Measured> {
  let count = 0;
  const taken = { alone: 0, both: 0 };
  while (count < LEAST_EVALUATIONS || (taken.alone < LEAST_SECONDS && count < MOST_EVALUATIONS)) {
    taken.alone += (await alone?.measureQueryCpuSeconds(group.expressions, moments[0] ?? 0)) ?? 0;
    taken.both += (await both?.measureQueryCpuSeconds(group.expressions, moments[1] ?? 0)) ?? 0;
    count++;
  }
  return { ...group, alone: taken.alone / count, both: taken.both / count };
}

/** Returns the CPU seconds of groups in half a minute. Groups with longer intervals count proportionally. */
const secondsPerHalfMinute = (groups: readonly Measured[], which: 'alone' | 'both'): number =>
  groups.reduce((sum, group) => sum + (group[which] * EVALUATION_SECONDS) / group.everySeconds, 0);

function printGroups(groups: readonly Measured[]): void {
  const table = new Table([
    ['group', 26],
    ['rules', 5],
    ['every s', 7],
    ['ms', 8],
    [`ms with ${invented} unknown nodes`, 26],
  ]);
  const formatMilliseconds = (seconds: number) => (1_000 * seconds).toFixed(1);
  for (const { name, expressions, everySeconds, alone, both } of groups) {
    table.addRow(name, expressions.length, everySeconds, formatMilliseconds(alone), formatMilliseconds(both));
  }
}

async function runRulesBench(): Promise<void> {
  requirePrograms();
  const rules = environmentRuleGroups();
  const files = renderRuleFiles(rules);
  const stores = [
    new RuledPrometheus(join(folder, 'alone'), 19_590),
    new RuledPrometheus(join(folder, 'both'), 19_592),
  ];
  for (const store of stores) await store.start();
  await writeSeries(stores.slice(1), invented, unknownNodeSeries, 500);
  const samples = await writeSeries(stores, nodes, nodeSeries, 25);
  // The newest samples are written a second time: writing takes minutes on a busy machine, and nodes count as silent
  // five minutes after their last sample.
  await writeSeries(stores.slice(1), invented, limitToNewestSample(unknownNodeSeries), 1_000);
  await writeSeries(stores, nodes, limitToNewestSample(nodeSeries), 100);
  const last = `count(last_over_time(up{node="edge-${nodes - 1}"}[1m]))`;
  for (const store of stores) await waitForCount('all samples are stored', store, last, 1);
  await Promise.all(stores.map((store) => store.startRules(files)));
  for (const [index, store] of stores.entries()) {
    await waitForCount('all nodes count as fresh', store, 'count(edge_node:fresh)', nodes);
    await waitForCount('all unknown nodes are counted', store, UNKNOWN, index ? invented : 0);
  }
  const moments = [];
  for (const store of stores) moments.push(await store.stopRules());
  const groups = [];
  for (const group of groupsToMeasure(files, rules)) groups.push(await measureGroup(group, stores, moments));
  console.log(`${sent} node names that do not exist are sent, ${invented} of them are stored`);
  console.log(`${nodes} nodes, ${samples} samples; CPU time per evaluation`);
  printGroups(
    groups.sort((one, other) => secondsPerHalfMinute([other], 'both') - secondsPerHalfMinute([one], 'both')),
  );
  const [sum, withInvented] = [secondsPerHalfMinute(groups, 'alone'), secondsPerHalfMinute(groups, 'both')];
  const ratio = withInvented / sum;
  console.log(
    `all groups, per ${EVALUATION_SECONDS} seconds: ${sum.toFixed(3)} s (target: at most ${TARGET_SECONDS} s); with ${invented} unknown nodes ${withInvented.toFixed(3)} s, ${ratio.toFixed(2)} times as long (target: at most ${TARGET_RATIO})`,
  );
  if (options.check && (sum > TARGET_SECONDS || ratio > TARGET_RATIO)) setFailedExitCode();
}

void runBench(async () => {
  try {
    await runRulesBench();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // Connections to the two Prometheus servers may still be open, and would keep the process running.
}).finally(() => process.exit());
