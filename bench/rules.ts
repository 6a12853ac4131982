/**
 * How long Prometheus evaluates all rules of this stack over a fleet: every series that a rule about nodes reads, of
 * so many simulated nodes and as far back as the rule looks, written to a real Prometheus through a vmagent; then
 * what Prometheus says of the last evaluation of each group. And once more with names that somebody invented.
 *
 *   npm run bench:rules [-- --nodes 500] [--invented 15000] [--check]      with --check: exit code 1 above a target
 *
 * Needs what the end-to-end tests need.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { App, Chart } from 'cdk8s';
import { environmentRules } from '../lib';
import { prometheusRules } from '../lib/cloud/prometheus.rules';
import { RuleSet } from '../lib/core/rule-set';
import { type Duration, seconds } from '../lib/core/units';
import { requirePrograms, spawnMortal } from '../test/e2e/runtime/programs';
import { eventually } from '../test/e2e/runtime/wait';
import { type SeriesPlan, seriesOfInvented, seriesOfNode } from './support/fleet-series';

/** Seconds for all rules together, in each interval of half a minute. */
const TARGET_SECONDS = 1;
/** Most that invented nodes may add, as a factor. */
const TARGET_RATIO = 1.1;
const INTERVAL_SECONDS = 10;
const PROMETHEUS = '127.0.0.1:19590';
const AGENT = '127.0.0.1:19529';
const NODES_AT_ONCE = 25;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '500' },
    invented: { type: 'string', default: '15000' },
    check: { type: 'boolean' },
  },
});
const nodes = Number(values.nodes);
const invented = Number(values.invented);
const folder = mkdtempSync(join(tmpdir(), 'bench-rules-'));

interface GroupTime {
  readonly name: string;
  readonly rules: number;
  readonly seconds: number;
  /** How often an environment evaluates it. */
  readonly everySeconds: number;
}

/** How often an environment evaluates groups that do not say otherwise, in seconds. */
const EVALUATION_SECONDS = 30;

/** How often it evaluates the others. */
const intervals = new Map<string, number>();

/** All rules as an environment has them, each group evaluated as often as the others. */
function writeRules(): void {
  const { prometheus } = environmentRules({
    exporters: ['pushgateway'],
    gateway: 'metrics-gateway',
    services: ['pushgateway-services'],
    edgeNamespace: 'monitoring-edge',
    certificates: true,
    ingressNamespaces: ['monitoring'],
  });
  const rules = new RuleSet(new Chart(new App(), 'rules'), 'PromQL');
  for (const { ruleGroups } of [prometheusRules(), ...prometheus]) {
    for (const { name, interval } of ruleGroups) {
      if (interval) intervals.set(name, seconds(interval as Duration));
    }
    rules.add({ ruleGroups: ruleGroups.map((group) => ({ ...group, interval: undefined })) });
  }
  mkdirSync(join(folder, 'rules'));
  for (const [name, content] of Object.entries(rules.files()))
    writeFileSync(join(folder, 'rules', name), content);
}

async function start(): Promise<void> {
  const config = {
    global: { evaluation_interval: `${INTERVAL_SECONDS}s` },
    storage: { tsdb: { out_of_order_time_window: '2d' } },
    rule_files: [join(folder, 'rules/*.yaml')],
  };
  writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config));
  const quiet = { stdio: 'ignore' } as const;
  spawnMortal(
    [
      ...['prometheus', `--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`],
      ...['--web.enable-remote-write-receiver', `--web.listen-address=${PROMETHEUS}`],
    ],
    quiet,
  );
  spawnMortal(
    [
      ...[
        'vmagent',
        `-remoteWrite.url=http://${PROMETHEUS}/api/v1/write`,
        '-remoteWrite.forcePromProto=true',
      ],
      ...[`-remoteWrite.tmpDataPath=${folder}/queue`, '-remoteWrite.queues=1', `-httpListenAddr=${AGENT}`],
      ...['-import.maxLineLen=64MB', '-enableMetadata=false'],
    ],
    quiet,
  );
  for (const address of [`${PROMETHEUS}/-/ready`, `${AGENT}/health`]) {
    await eventually(`${address} answers`, async () => (await fetch(`http://${address}`)).ok);
  }
}

/** A series in the format that VictoriaMetrics imports. */
function line({ labels, seconds, step, at }: SeriesPlan, now: number): string {
  const count = Math.ceil(seconds / step);
  const timestamps = Array.from({ length: count }, (_, index) =>
    Math.round((now - (count - 1 - index) * step) * 1000),
  );
  return JSON.stringify({ metric: labels, values: timestamps.map((time) => at(time / 1000)), timestamps });
}

async function write(
  count: number,
  seriesOf: (number: number) => SeriesPlan[],
  atOnce = NODES_AT_ONCE,
): Promise<number> {
  let samples = 0;
  for (let first = 0; first < count; first += atOnce) {
    const now = Date.now() / 1000;
    const names = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => first + index);
    const plans = names.flatMap((number) => seriesOf(number));
    samples += plans.reduce((sum, { seconds, step }) => sum + Math.ceil(seconds / step), 0);
    const body = plans.map((plan) => line(plan, now)).join('\n');
    const { status } = await fetch(`http://${AGENT}/api/v1/import`, { method: 'POST', body });
    if (status !== 204) throw new Error(`vmagent answers ${status}`);
  }
  return samples;
}

async function query(expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
  const answer = await fetch(`http://${PROMETHEUS}/api/v1/query?query=${encodeURIComponent(expr)}`);
  return ((await answer.json()) as { data: { result: [] } }).data.result;
}

const ROUNDS = 5;

/** The quickest of some evaluations of each group: other work of the machine makes them longer, never shorter. */
async function times(): Promise<GroupTime[]> {
  const measured: GroupTime[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_SECONDS * 1_000));
    measured.push(await groups());
  }
  const quickest = (name: string) =>
    Math.min(
      ...measured
        .flat()
        .filter((group) => group.name === name)
        .map((group) => group.seconds),
    );
  return (measured[0] ?? []).map((group) => ({ ...group, seconds: quickest(group.name) }));
}

const counts = (what: string, expr: string, count: number) =>
  eventually(what, async () => Number((await query(expr)).at(0)?.value[1] ?? 0) === count, {
    seconds: 240,
    pauseMs: 1_000,
  });

/** Seconds of all groups in each half a minute. */
const sumOf = (measured: readonly GroupTime[]): number =>
  measured.reduce(
    (total, { seconds, everySeconds }) => total + (seconds * EVALUATION_SECONDS) / everySeconds,
    0,
  );

async function groups(): Promise<GroupTime[]> {
  const { data } = (await (await fetch(`http://${PROMETHEUS}/api/v1/rules`)).json()) as {
    data: { groups: { name: string; evaluationTime: number; rules: { health: string; name: string }[] }[] };
  };
  const sick = data.groups.flatMap(({ rules }) => rules.filter(({ health }) => health === 'err'));
  if (sick.length) throw new Error(`rules that fail: ${sick.map(({ name }) => name).join(', ')}`);
  return data.groups.map(({ name, evaluationTime, rules }) => ({
    name,
    seconds: evaluationTime,
    rules: rules.length,
    everySeconds: intervals.get(name) ?? EVALUATION_SECONDS,
  }));
}

async function main(): Promise<void> {
  requirePrograms();
  writeRules();
  await start();
  const samples = await write(nodes, seriesOfNode);
  await counts('all nodes are heard of', 'count(edge_node:fresh)', nodes);
  const alone = await times();
  await write(invented, seriesOfInvented, 500);
  if (invented > 0) {
    await counts('invented nodes are counted', 'edge_fleet:unknown_nodes:count', invented);
    await counts('they are not heard of', 'count(edge_node:fresh)', nodes);
  }
  const both = await times();
  console.log(`${nodes} nodes, ${samples} samples; the quickest of ${ROUNDS} evaluations of each group`);
  for (const { name, rules, seconds, everySeconds } of both.sort((a, b) => b.seconds - a.seconds)) {
    const before = alone.find((group) => group.name === name)?.seconds ?? 0;
    console.log(
      `${name.padEnd(26)} ${String(rules).padStart(2)} rules, every ${String(everySeconds).padStart(3)} s: ${before.toFixed(3)} s, with ${invented} invented nodes ${seconds.toFixed(3)} s`,
    );
  }
  const [sum, ratio] = [sumOf(alone), sumOf(both) / sumOf(alone)];
  console.log(
    `all groups, in each ${EVALUATION_SECONDS} seconds: ${sum.toFixed(3)} s, at most ${TARGET_SECONDS} s; with ${invented} invented nodes ${sumOf(both).toFixed(3)} s, ${ratio.toFixed(2)} times as long, at most ${TARGET_RATIO}`,
  );
  if (values.check && (sum > TARGET_SECONDS || ratio > TARGET_RATIO)) process.exitCode = 1;
}

main()
  .finally(() => rmSync(folder, { recursive: true, force: true }))
  .then(
    () => process.exit(),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
