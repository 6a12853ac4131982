/**
 * What a fleet that writes remotely takes of Prometheus and its gateway, beside what lib/fleet plans for the same fleet.
 * First three hours of simulated nodes, until Prometheus has written its first block, as fast as the gateway takes them:
 * memory for each series, bytes on disk for each sample. Then, in real time and every ten seconds, as many nodes at
 * `standard` as this machine holds: processor time of each program, and what the machine lacks for more.
 *
 *   npm run bench:prometheus [-- --nodes N] [-- --most N] [-- --check]
 *
 * --nodes: of the three hours, 400 unless told otherwise. --most: where to begin in real time, 8000 unless told
 * otherwise; a fifth less when those are too many, and so on. --check: exit code 1 when a plan is more than a quarter
 * off, too. Exit code 1 when samples are lost, and never because of a time. Needs what the end-to-end tests need, 8 GiB
 * of memory and ten minutes.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Fleet, type FleetPlan, MetricsGateway, Prometheus, planFleet } from '../lib';
import { GATEWAY, HEADROOM, PROMETHEUS } from '../lib/fleet/coefficients';
import { Cluster } from '../test/e2e/runtime/cluster';
import type { Node } from '../test/e2e/runtime/node';
import type { Pod } from '../test/e2e/runtime/pod';
import { requirePrograms } from '../test/e2e/runtime/programs';
import { sweep } from '../test/e2e/runtime/sweep';
import { eventually } from '../test/e2e/runtime/wait';
import { synthesized } from '../test/support/synthesize';
import { anonymousBytes, busySeconds, cpuSeconds } from './support/processes';
import { seriesOfANode } from './support/samples';
import { type Imported, importFleet, metricOf } from './support/simulated-fleet';
import { storedBlock } from './support/stored-block';

const NAMESPACE = 'monitoring';
/** Of the fleet's time: after three hours Prometheus writes a block of the first two. */
const SPAN_SECONDS = 3 * 3_600 + 600;
/** Between two samples of these hours: memory is for series, and many of them are to be had in a few minutes. */
const SPARSE_SECONDS = 60;
/** So long there is no Prometheus at first. */
const QUEUED_SECONDS = 1_200;
/** In real time: a fleet that is too large is behind by then. */
const HELD = { warmUpSeconds: 20, seconds: 60, intervalSeconds: 10 };
/** Of the nodes that were too many. */
const FEWER = 0.8;
const TOLERANCE = 0.25;
const DAY = 86_400;

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '400' },
    most: { type: 'string', default: '8000' },
    check: { type: 'boolean', default: false },
  },
});

const series = seriesOfANode();

interface Stack {
  readonly cluster: Cluster;
  readonly cloud: Node;
  readonly gateway: Pod;
}

interface StoredStack extends Stack {
  readonly prometheus: Pod;
}

function objects() {
  return synthesized((chart) => {
    const resources = { cpu: '1', memory: '1Gi', memoryLimit: '12Gi' } as const;
    const store = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d', resources });
    new MetricsGateway(chart, 'gateway', { store, replicas: 1, resources });
  });
}

/** What is planned for so many of these nodes. */
function planned(nodes: number, intervalSeconds: number): FleetPlan {
  const fleet: Fleet = {
    groups: [
      {
        name: 'simulated',
        transport: 'remote-write',
        nodes,
        series: series.length,
        interval: `${intervalSeconds}s`,
      },
    ],
    retention: { metrics: '1d', logs: '1d' },
    longestOutage: '1h',
    outOfOrderWindow: '1d',
  };
  return planFleet('bench', fleet);
}

const now = (): number => Math.floor(Date.now() / 1_000);
const row = (name: string, ...values: string[]): void =>
  console.log(`${name.padEnd(56)} ${values.map((value) => value.padStart(14)).join(' ')}`);
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** A plan beside what was measured. */
function compare(what: string, measured: number, plan: number, text: (value: number) => string): void {
  const off = plan / measured - 1;
  row(what, text(measured), text(plan), `${off < 0 ? '' : '+'}${(100 * off).toFixed(0)} %`);
  if (options.check && Math.abs(off) > TOLERANCE) process.exitCode = 1;
}

const stored = ({ cloud, prometheus: { address } }: StoredStack): Promise<number> =>
  metricOf(cloud, `http://${address}:9090/metrics`, 'prometheus_tsdb_head_samples_appended_total');

const waiting = ({ cloud, gateway: { address } }: Stack): Promise<number> =>
  metricOf(cloud, `http://${address}:8429/metrics`, 'vmagent_remotewrite_pending_data_bytes');

/** What it gives, and the most memory that a pod holds until then. */
async function watched<T>(pod: Pod, work: Promise<T>): Promise<{ peak: number; result: T }> {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, anonymousBytes(pod));
  };
  const watch = setInterval(look, 500);
  try {
    const result = await work;
    look();
    return { peak, result };
  } finally {
    clearInterval(watch);
  }
}

/** What waits in the gateway while there is no Prometheus. */
async function queue(stack: Stack, nodes: number): Promise<void> {
  const from = now() - SPAN_SECONDS - QUEUED_SECONDS;
  const fleet = { series, nodes, from, seconds: QUEUED_SECONDS, interval: SPARSE_SECONDS };
  const { samples } = await importFleet(stack.cloud, stack.gateway, fleet);
  // Until the last of them are packed.
  await sleep(5_000);
  const bytes = (value: number) => value.toFixed(1);
  compare(
    'bytes of the gateway’s queue for a sample',
    (await waiting(stack)) / samples,
    GATEWAY.bytesPerQueuedSample,
    bytes,
  );
}

async function threeHours(stack: StoredStack, nodes: number): Promise<void> {
  const { cluster, cloud, gateway, prometheus } = stack;
  const began = performance.now();
  const work = async () => {
    const from = now() - SPAN_SECONDS;
    const fleet = { series, nodes, from, seconds: SPAN_SECONDS, interval: SPARSE_SECONDS };
    const { samples } = await importFleet(cloud, gateway, fleet);
    await drained(stack, samples);
    row('samples a second that were taken in', (samples / ((performance.now() - began) / 1_000)).toFixed(0));
    return eventually(
      'Prometheus has written a block',
      () => storedBlock(join(cluster.folder, 'claims/data-prometheus-0/data')),
      { seconds: 200, pauseMs: 2_000 },
    );
  };
  const { peak, result: block } = await watched(prometheus, work());
  const plan = planned(nodes, SPARSE_SECONDS).prometheus;
  row('memory of Prometheus for a million series', mebibytes((1e6 * peak) / (nodes * series.length)));
  compare(`memory of Prometheus at ${nodes * series.length} series`, peak, plan.memory, mebibytes);
  const samplesOfADay = (nodes * series.length * DAY) / SPARSE_SECONDS;
  const ofPlan = plan.storage / HEADROOM / samplesOfADay;
  compare('bytes on disk for a sample', block.chunkBytes / block.samples, ofPlan, (value) =>
    value.toFixed(2),
  );
  row('bytes of the index for a series of a block', (block.indexBytes / block.series).toFixed(0));
}

async function drained(stack: StoredStack, samples = 0): Promise<void> {
  const done = async () => (await waiting(stack)) === 0 && (await stored(stack)) >= samples;
  await eventually('Prometheus has taken all samples', done, { seconds: 300, pauseMs: 1_000 });
}

interface Held {
  readonly nodes: number;
  readonly isHeld: boolean;
  /** Cores of each program, and of all that runs on this machine. */
  readonly cores: Readonly<Record<'gateway' | 'prometheus' | 'simulated' | 'all', number>>;
}

/** In real time. */
async function hold(stack: StoredStack, nodes: number): Promise<Held> {
  const { cloud, gateway, prometheus } = stack;
  const { warmUpSeconds, seconds, intervalSeconds } = HELD;
  const paced = { series, nodes, interval: intervalSeconds, paced: true };
  const run = (length: number): Promise<Imported> =>
    importFleet(cloud, gateway, { ...paced, from: now() + 2, seconds: length });
  await run(warmUpSeconds);
  await drained(stack);
  const used = () => [cpuSeconds(gateway), cpuSeconds(prometheus), busySeconds()];
  const [before, samplesBefore] = [used(), await stored(stack)];
  const { samples, latest, cpuSeconds: simulated } = await run(seconds);
  await sleep(intervalSeconds * 1_000);
  const cores = used().map((value, index) => (value - (before[index] ?? 0)) / seconds);
  const [ofGateway = 0, ofPrometheus = 0, all = 0] = cores;
  const isHeld = latest < intervalSeconds && (await stored(stack)) - samplesBefore >= samples;
  await drained(stack);
  return {
    nodes,
    isHeld,
    cores: { gateway: ofGateway, prometheus: ofPrometheus, simulated: simulated / seconds, all },
  };
}

function limit({ cores }: Held, nodes: number): string {
  const there = availableParallelism();
  if (cores.all > 0.85 * there) {
    const ours = cores.gateway + cores.prometheus + cores.simulated;
    return `processors: of ${there} cores ${ours.toFixed(2)} were theirs, ${(cores.all - ours).toFixed(2)} of others`;
  }
  const [name, most] = Object.entries(cores)
    .slice(0, 3)
    .sort(([, one], [, other]) => other - one)[0] as [string, number];
  return `${name}, which took ${most.toFixed(2)} cores at ${nodes} nodes`;
}

async function realTime(stack: StoredStack): Promise<void> {
  let tooMany: Held | undefined;
  let held = await hold(stack, Number(options.most));
  while (!held.isHeld) {
    row(`${held.nodes} nodes every 10 s are too many; limited by`, limit(held, held.nodes));
    tooMany = held;
    held = await hold(stack, Math.round(held.nodes * FEWER));
  }
  const { nodes, cores } = held;
  row('nodes at 10 s that this machine holds', `${nodes}`, tooMany ? '' : '(more with --most)');
  const plan = planned(nodes, HELD.intervalSeconds);
  const text = (value: number) => value.toFixed(2);
  // Rules are what bench:rules is about.
  const ofWrites = plan.prometheus.cores - nodes * PROMETHEUS.ruleCoresPerNode;
  compare(`cores of Prometheus at ${nodes} nodes, without rules`, cores.prometheus, ofWrites, text);
  const ofGateway = plan.gateway.cores * (plan.gateway.replicas - 1);
  compare(`cores of the gateway at ${nodes} nodes`, cores.gateway, ofGateway, text);
  row('cores of the simulated nodes, of all that runs', text(cores.simulated), text(cores.all));
  row('memory that three hours of these nodes are planned to take', mebibytes(plan.prometheus.memory));
}

async function measure(cluster: Cluster): Promise<void> {
  const nodes = Number(options.nodes);
  const cloud = cluster.addNode({ name: 'cloud-1' });
  cluster.apply(...objects());
  const [gateway] = (await cluster.start('StatefulSet', NAMESPACE, 'metrics-gateway')) as [Pod];
  row(`${nodes} nodes of ${series.length} series`, 'measured', 'planned', 'off by');
  await queue({ cluster, cloud, gateway }, nodes);
  const [prometheus] = (await cluster.start('StatefulSet', NAMESPACE, 'prometheus')) as [Pod];
  const stack = { cluster, cloud, gateway, prometheus };
  await drained(stack, 1);
  row('memory of Prometheus before', mebibytes(anonymousBytes(prometheus)));
  await threeHours(stack, nodes);
  await realTime(stack);
}

async function main(): Promise<void> {
  requirePrograms();
  await sweep();
  const cluster = new Cluster();
  try {
    await measure(cluster);
  } finally {
    await cluster.destroy();
  }
}

main().catch((failure) => {
  console.error(`${failure instanceof Error ? failure.message : failure}`);
  process.exitCode = 1;
});
