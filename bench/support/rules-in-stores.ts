import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Chart } from 'cdk8s';
import { RuleSet } from '../../lib/core/rule-set';
import { freePort } from '../../test/runtime/free-port';
import { endProgram, spawnKilledWithParent } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import { containersOf, findOnly, type Manifest } from '../../test/support/manifests';
import { nodeSeries } from './fleet-series';
import { processAnonymousBytes, processCpuSeconds } from './processes';
import { environmentRuleSources } from './rule-sources';
import { RuledPrometheus } from './ruled-prometheus';
import { measureUsage, startCluster, type WrittenStore } from './written-stores';

/** Evaluation interval of rules in an environment, in seconds. */
const EVALUATION_SECONDS = 30;
/**
 * Duration of the measurement in seconds: almost the longest interval of a rule group. Nodes would count as silent five
 * minutes after their last sample.
 */
const MEASURED_SECONDS = 290;
const IDLE_SECONDS = 60;
const NODES_OF_REQUEST = 25;

/** Cost of the rules of an environment. */
interface RulesCost {
  /**
   * Average number of cores per node, by program. The cores of vmselect and of all vmstorage are for two vmalert
   * replicas, as in an environment. The cores of vmalert are for one replica.
   */
  readonly perNode: Readonly<Record<string, number>>;
  /** Peak memory in bytes by program. */
  readonly memory: Readonly<Record<string, number>>;
}

/**
 * Evaluates the rules in Prometheus, and by vmalert in the VictoriaMetrics cluster of these manifests, on the same
 * samples. Returns the cost.
 * @param nodes number of simulated nodes
 * @param cacheBytes cache size of each program of the cluster
 */
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
  for (let first = 0; first < nodes; first += NODES_OF_REQUEST)
    await writeNodeSeries(prometheus, first, nodes);
  const files = ruleFiles();
  const ruleFolder = join(folder, 'rules');
  mkdirSync(ruleFolder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(ruleFolder, name), text);
  const vmalert = await startVmalert(objects, ruleFolder, cluster.stack);
  await prometheus.startRules(files);
  await writeNewestSamples(prometheus, nodes);
  const readCpuSeconds = () => ({
    prometheus: prometheus.cpuSeconds,
    vmalert: processCpuSeconds(vmalert.pid ?? 0),
    ...Object.fromEntries(
      Object.entries(measureUsage(cluster)).map(([name, { seconds }]) => [name, seconds]),
    ),
  });
  const before: Record<string, number> = readCpuSeconds();
  const memory: Record<string, number> = {};
  for (let second = 0; second < MEASURED_SECONDS; second += 2) {
    await sleep(2_000);
    const held = { ...measureUsage(cluster), vmalert: { memory: processAnonymousBytes(vmalert.pid ?? 0) } };
    for (const [name, { memory: bytes }] of Object.entries(held)) {
      memory[name] = Math.max(memory[name] ?? 0, bytes);
    }
  }
  const after: Record<string, number> = readCpuSeconds();
  await endProgram(vmalert);
  const idle = await measureIdleCores(cluster);
  await cluster.stop();
  const isSharedByReplicas = (name: string) => name === 'vmselect' || name === 'vmstorage';
  const perNode = Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [
      name,
      (((seconds - (before[name] ?? 0)) / MEASURED_SECONDS - (idle[name] ?? 0)) *
        (isSharedByReplicas(name) ? 2 : 1)) /
        nodes,
    ]),
  );
  return { perNode, memory };
}

/**
 * Returns the average number of cores that each program of the cluster uses without queries. This is subtracted from
 * the cost of the rules.
 */
async function measureIdleCores(cluster: WrittenStore): Promise<Record<string, number>> {
  const before = measureUsage(cluster);
  await sleep(IDLE_SECONDS * 1_000);
  return Object.fromEntries(
    Object.entries(measureUsage(cluster)).map(([name, { seconds }]) => [
      name,
      (seconds - (before[name]?.seconds ?? 0)) / IDLE_SECONDS,
    ]),
  );
}

/** Returns the rule files of an environment in which some nodes push and others use remote write. */
function ruleFiles(): Readonly<Record<string, string>> {
  const rules = new RuleSet(new Chart(new App(), 'rules'), 'PromQL');
  for (const source of environmentRuleSources()) rules.addRules(source);
  return rules.renderFiles();
}

async function writeNodeSeries(prometheus: RuledPrometheus, first: number, nodes: number): Promise<void> {
  const count = Math.min(NODES_OF_REQUEST, nodes - first);
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  await prometheus.writePastSamples(numbers.flatMap(nodeSeries));
}

/**
 * Writes the newest sample of each series. Otherwise nodes would count as silent after five minutes, and rules would
 * read fewer series.
 */
async function writeNewestSamples(prometheus: RuledPrometheus, nodes: number): Promise<void> {
  const numbers = Array.from({ length: nodes }, (_, number) => number);
  const plans = numbers.flatMap(nodeSeries).map((plan) => ({ ...plan, seconds: plan.step }));
  await prometheus.writePastSamples(plans);
}

async function startVmalert(
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
  const child = spawnKilledWithParent(command, { stdio: 'ignore' });
  await eventually('vmalert is ready', async () => (await fetch(`http://${address}/health`)).ok);
  return child;
}
