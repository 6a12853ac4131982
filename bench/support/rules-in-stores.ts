import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Chart } from 'cdk8s';
import { RuleSet } from '../../lib/core/rule-set';
import { endProgram, spawnMortal } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import { freePort } from '../../test/support/free-port';
import { containersOf, findOnly, type Manifest } from '../../test/support/manifests';
import { nodeSeries } from './fleet-series';
import { anonymousBytesOf, processorSeconds } from './processes';
import { environmentRuleSources } from './rule-sources';
import { RuledPrometheus } from './ruled-prometheus';
import { startCluster, usageOf, type WrittenStore } from './written-stores';

/** Evaluation interval of rules in an environment. */
const EVALUATION_SECONDS = 30;
/** About the longest interval of a group. After five minutes without samples, nodes would count as silent. */
const MEASURED_SECONDS = 290;
const IDLE_SECONDS = 60;
const NODES_OF_REQUEST = 25;

/** Cost of the rules of an environment. */
interface RulesCost {
  /**
   * Cores by program. Those of vmselect and of all vmstorage are for two vmalert, as an environment has them; those of vmalert for
   * each.
   */
  readonly perNode: Readonly<Record<string, number>>;
  /** Peak memory in bytes by program. */
  readonly memory: Readonly<Record<string, number>>;
}

/** Evaluates the rules of manifests in Prometheus, and by vmalert in the cluster of the manifests, for the same samples. */
export async function measureRules(
  objects: readonly Manifest[],
  folder: string,
  nodes: number,
  cacheBytes: number,
): Promise<RulesCost> {
  const cluster = await startCluster(objects, join(folder, 'cluster'), cacheBytes);
  const prometheus = new RuledPrometheus(join(folder, 'prometheus'), 19_590, {
    evaluationSeconds: EVALUATION_SECONDS,
    alsoWrittenTo: [cluster.writeUrl],
  });
  await prometheus.start();
  for (let first = 0; first < nodes; first += NODES_OF_REQUEST) await writeNodes(prometheus, first, nodes);
  const files = ruleFiles();
  const ruleFolder = join(folder, 'rules');
  mkdirSync(ruleFolder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(ruleFolder, name), text);
  const vmalert = await startEvaluator(objects, ruleFolder, cluster.stack);
  await prometheus.startRules(files);
  await writeLatest(prometheus, nodes);
  const programs = () => ({
    prometheus: prometheus.cpuSeconds,
    vmalert: processorSeconds(vmalert.pid ?? 0),
    ...Object.fromEntries(Object.entries(usageOf(cluster)).map(([name, { seconds }]) => [name, seconds])),
  });
  const before: Record<string, number> = programs();
  const memory: Record<string, number> = {};
  for (let second = 0; second < MEASURED_SECONDS; second += 2) {
    await sleep(2_000);
    const held = { ...usageOf(cluster), vmalert: { memory: anonymousBytesOf(vmalert.pid ?? 0) } };
    for (const [name, { memory: bytes }] of Object.entries(held)) {
      memory[name] = Math.max(memory[name] ?? 0, bytes);
    }
  }
  const after: Record<string, number> = programs();
  await endProgram(vmalert);
  const idle = await coresWithoutRules(cluster);
  await cluster.stop();
  const isAskedByBoth = (name: string) => name === 'vmselect' || name === 'vmstorage';
  const perNode = Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [
      name,
      (((seconds - (before[name] ?? 0)) / MEASURED_SECONDS - (idle[name] ?? 0)) *
        (isAskedByBoth(name) ? 2 : 1)) /
        nodes,
    ]),
  );
  return { perNode, memory };
}

/** What the programs of a cluster need without queries is not counted. */
async function coresWithoutRules(cluster: WrittenStore): Promise<Record<string, number>> {
  const before = usageOf(cluster);
  await sleep(IDLE_SECONDS * 1_000);
  return Object.fromEntries(
    Object.entries(usageOf(cluster)).map(([name, { seconds }]) => [
      name,
      (seconds - (before[name]?.seconds ?? 0)) / IDLE_SECONDS,
    ]),
  );
}

/** Returns the rule files of an environment whose nodes push, and write remotely. */
function ruleFiles(): Readonly<Record<string, string>> {
  const rules = new RuleSet(new Chart(new App(), 'rules'), 'PromQL');
  for (const source of environmentRuleSources()) rules.addRules(source);
  return rules.renderFiles();
}

async function writeNodes(prometheus: RuledPrometheus, first: number, nodes: number): Promise<void> {
  const count = Math.min(NODES_OF_REQUEST, nodes - first);
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  await prometheus.write(numbers.flatMap(nodeSeries));
}

/** After five minutes without a sample, nodes count as silent, and rules read fewer series. */
async function writeLatest(prometheus: RuledPrometheus, nodes: number): Promise<void> {
  const numbers = Array.from({ length: nodes }, (_, number) => number);
  const plans = numbers.flatMap(nodeSeries).map((plan) => ({ ...plan, seconds: plan.step }));
  await prometheus.write(plans);
}

async function startEvaluator(
  objects: readonly Manifest[],
  rules: string,
  { writeUrl, queryUrl }: { readonly writeUrl: string; readonly queryUrl: string },
) {
  const [container] = containersOf(findOnly(objects, 'Deployment', 'metrics-rules'));
  const address = `127.0.0.1:${await freePort()}`;
  const args = ((container?.args ?? []) as string[])
    .filter((arg) => !/^-(rule|notifier\.config)=/.test(arg))
    .map((arg) =>
      arg
        .replace(/http:\/\/vminsert\S+/, writeUrl)
        .replace(/http:\/\/vmselect\S+/, queryUrl)
        .replace(/^-httpListenAddr=.*/, `-httpListenAddr=${address}`),
    );
  const command = ['vmalert', ...args, `-rule=${rules}/*.yaml`, '-notifier.blackhole'];
  const child = spawnMortal(command, { stdio: 'ignore' });
  await eventually('vmalert is ready', async () => (await fetch(`http://${address}/health`)).ok);
  return child;
}
