/**
 * Measures the CPU time of this stack's rules in Prometheus. Every series that a rule about nodes reads is written to
 * two real Prometheus, for this number of simulated nodes and as far back as the rule looks. One of the two also
 * contains invented node names: as many as the limits of a fleet with these nodes accept, or all. Then the expressions
 * of each group are evaluated alternately in both, so that other load on the machine affects both equally.
 *
 *   npm run bench:rules [-- --nodes 500] [--sent 15000] [--unlimited] [--check]
 *
 * --check: exit code 1 above a target. Needs the programs of the end-to-end tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import type { Transport } from '../lib';
import { planFleet } from '../lib/charts/plan';
import { prometheusRules } from '../lib/cloud/prometheus/rules';
import type { RuleGroup } from '../lib/contracts/rules';
import { RuleSet } from '../lib/core/rule-set';
import { type Duration, seconds } from '../lib/core/units';
import type { Fleet } from '../lib/fleet/fleet';
import { requirePrograms } from '../test/runtime/programs';
import { eventually } from '../test/runtime/wait';
import { inventedNodeSeries, nodeSeries, type SeriesPlan } from './support/fleet-series';
import { parseArguments, parseWholeNumber, reportMissedTarget, runMain, Table } from './support/main';
import { environmentRuleSources } from './support/rule-sources';
import { RuledPrometheus } from './support/ruled-prometheus';

/** Seconds for all rules together per interval of half a minute. */
const TARGET_SECONDS = 1;
/** Node names that do not exist. */
const UNKNOWN = 'edge_fleet:unknown_nodes:count';
/** Maximum factor by which invented nodes may increase the time. */
const TARGET_RATIO = 1.1;

/** Default evaluation interval of an environment in seconds. */
const EVALUATION_SECONDS = 30;

/** Minimum number of evaluations of each group, and minimum CPU time: /proc counts in hundredths of a second. */
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
const invented = options.unlimited ? sent : Math.min(sent, maxUnknownNodes());
const folder = mkdtempSync(join(tmpdir(), 'bench-rules-'));

/**
 * Returns the number of names for which a plan for these nodes has room: in a Pushgateway, and in each replica of the
 * gateway.
 */
function maxUnknownNodes(): number {
  const planned = { name: 'bench', nodes, interval: '10s', series: 'standard' } as const;
  const groups = (transport: Transport): Fleet => ({
    groups: [{ ...planned, transport }],
    retention: { metrics: '15d', logs: '30d' },
    longestOutage: '1h',
    outOfOrderWindow: '2h',
  });
  const { limits, shards } = planFleet('bench', groups('pushgateway')).pushgateway;
  const { gateway } = planFleet('bench', groups('remote-write'));
  return limits.nodes * shards - nodes + (gateway.limits.nodes - nodes) * gateway.replicas;
}

interface Group {
  readonly name: string;
  /** Evaluation interval in an environment. */
  readonly everySeconds: number;
  readonly expressions: readonly string[];
}

/** Returns all rules of an environment. */
function environmentRuleGroups(): RuleGroup[] {
  return [prometheusRules({ replicas: 2 }), ...environmentRuleSources()].flatMap(
    ({ ruleGroups }) => ruleGroups,
  );
}

/** Returns the rule files, in which all groups have the same evaluation interval. */
function renderRuleFiles(ruleGroups: readonly RuleGroup[]): Record<string, string> {
  const rules = new RuleSet(new Chart(new App(), 'rules'), 'PromQL');
  rules.addRules({ ruleGroups: ruleGroups.map((group) => ({ ...group, interval: undefined })) });
  return rules.renderFiles();
}

/** Returns the groups with the expressions as in the files. */
function groupsToMeasure(files: Readonly<Record<string, string>>, ruleGroups: readonly RuleGroup[]): Group[] {
  const intervals = new Map(ruleGroups.map(({ name, interval }) => [name, interval as Duration | undefined]));
  const all: { name: string; rules: { expr: string }[] }[] = Object.values(files).flatMap(
    (text) => parse(text).groups,
  );
  return all.map(({ name, rules }) => ({
    name,
    everySeconds: seconds(intervals.get(name) ?? `${EVALUATION_SECONDS}s`),
    expressions: rules.map(({ expr }) => expr),
  }));
}

/** @returns how many samples each of the stores was sent */
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
    const [written = 0] = await Promise.all(stores.map((store) => store.write(plans)));
    samples += written;
  }
  return samples;
}

/** Only keeps the newest sample of each series. */
const latestOnly =
  (seriesOf: (number: number) => SeriesPlan[]) =>
  (number: number): SeriesPlan[] =>
    seriesOf(number).map((plan) => ({ ...plan, seconds: plan.step }));

const waitForCount = (what: string, store: RuledPrometheus, expr: string, count: number) =>
  eventually(what, async () => (await store.queryValue(expr)) === count, { seconds: 240, pauseMs: 1_000 });

/** Measures the CPU time of one evaluation of a group: with nodes only, and with invented ones. */
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
    taken.alone += (await alone?.secondsPerQuery(group.expressions, moments[0] ?? 0)) ?? 0;
    taken.both += (await both?.secondsPerQuery(group.expressions, moments[1] ?? 0)) ?? 0;
    count++;
  }
  return { ...group, alone: taken.alone / count, both: taken.both / count };
}

/** Returns the seconds per half minute of a group, or of all. */
const secondsPerHalfMinute = (groups: readonly Measured[], which: 'alone' | 'both'): number =>
  groups.reduce((sum, group) => sum + (group[which] * EVALUATION_SECONDS) / group.everySeconds, 0);

function printGroups(groups: readonly Measured[]): void {
  const table = new Table([
    ['group', 26],
    ['rules', 5],
    ['every s', 7],
    ['ms', 8],
    [`ms with ${invented} invented nodes`, 26],
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
  await writeSeries(stores.slice(1), invented, inventedNodeSeries, 500);
  const samples = await writeSeries(stores, nodes, nodeSeries, 25);
  // Writing takes minutes on a busy machine, and after five minutes nodes count as silent.
  await writeSeries(stores.slice(1), invented, latestOnly(inventedNodeSeries), 1_000);
  await writeSeries(stores, nodes, latestOnly(nodeSeries), 100);
  const last = `count(last_over_time(up{node="edge-${nodes - 1}"}[1m]))`;
  for (const store of stores) await waitForCount('all is stored', store, last, 1);
  await Promise.all(stores.map((store) => store.startRules(files)));
  for (const [index, store] of stores.entries()) {
    await waitForCount('all nodes are heard of', store, 'count(edge_node:fresh)', nodes);
    await waitForCount('others are counted', store, UNKNOWN, index ? invented : 0);
  }
  const moments = [];
  for (const store of stores) moments.push(await store.stopRules());
  const groups = [];
  for (const group of groupsToMeasure(files, rules)) groups.push(await measureGroup(group, stores, moments));
  console.log(`${sent} invented nodes are sent, ${invented} are stored`);
  console.log(`${nodes} nodes, ${samples} samples; processor time of each evaluation`);
  printGroups(
    groups.sort((one, other) => secondsPerHalfMinute([other], 'both') - secondsPerHalfMinute([one], 'both')),
  );
  const [sum, withInvented] = [secondsPerHalfMinute(groups, 'alone'), secondsPerHalfMinute(groups, 'both')];
  const ratio = withInvented / sum;
  console.log(
    `all groups, in each ${EVALUATION_SECONDS} seconds: ${sum.toFixed(3)} s, at most ${TARGET_SECONDS} s; with ${invented} invented nodes ${withInvented.toFixed(3)} s, ${ratio.toFixed(2)} times as long, at most ${TARGET_RATIO}`,
  );
  if (options.check && (sum > TARGET_SECONDS || ratio > TARGET_RATIO)) reportMissedTarget();
}

void runMain(async () => {
  try {
    await runRulesBench();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // Connections to the two Prometheus may still be open.
}).finally(() => process.exit());
