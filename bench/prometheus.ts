/**
 * What a fleet that writes remotely takes of Prometheus and its gateway: memory for each series, bytes on disk for
 * each sample, and how many samples a second this machine takes in, by whom it is limited. Simulated nodes with the
 * series of the profile `standard`, over three hours of their time, until Prometheus has written its first block;
 * as fast as the gateway takes them. Then what lib/fleet plans for the same fleet.
 *
 *   npm run bench:prometheus [-- --nodes N]
 *
 * Exit code 1 when samples are lost, and never because of a time. Needs what the end-to-end tests need.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MetricsGateway, Prometheus } from '../lib';
import { PROMETHEUS } from '../lib/fleet/coefficients';
import { Cluster } from '../test/e2e/runtime/cluster';
import { request } from '../test/e2e/runtime/http';
import type { Node } from '../test/e2e/runtime/node';
import type { Pod } from '../test/e2e/runtime/pod';
import { program, requirePrograms, tryRun } from '../test/e2e/runtime/programs';
import { sweep } from '../test/e2e/runtime/sweep';
import { eventually } from '../test/e2e/runtime/wait';
import { synthesized } from '../test/support/synthesize';
import { cpuSeconds, residentBytes } from './support/processes';
import { seriesOfANode } from './support/samples';

const NAMESPACE = 'monitoring';
const INTERVAL_SECONDS = 15;
/** Of the fleet's time: after three hours Prometheus writes a block of the first two. */
const SPAN_SECONDS = 3 * 3_600 + 600;

/** So long there is no Prometheus at first. */
const QUEUED_SECONDS = 600;

const { values: options } = parseArgs({ options: { nodes: { type: 'string', default: '90' } } });
const nodes = Number(options.nodes);

interface Cost {
  readonly name: string;
  readonly cpuSeconds: number;
}

function objects() {
  return synthesized((chart) => {
    const resources = { cpu: '1', memory: '1Gi', memoryLimit: '8Gi' } as const;
    const store = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d', resources });
    new MetricsGateway(chart, 'gateway', { store, replicas: 1, resources });
  });
}

const totalOf = (text: string, metric: string): number =>
  [...text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );

async function metricsOf(from: Node, pod: Pod): Promise<string> {
  return (await request(from.namespace, `http://${pod.address}:9090/metrics`)).body;
}

/** The most memory that a pod holds until something has ended. */
async function peakWhile<T>(pod: Pod, work: Promise<T>): Promise<{ peak: number; result: T }> {
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentBytes(pod));
  }, 2_000);
  try {
    const result = await work;
    return { peak: Math.max(peak, residentBytes(pod)), result };
  } finally {
    clearInterval(watch);
  }
}

async function importFleet(from: Node, gateway: Pod, input: object): Promise<{ samples: number }> {
  const url = `http://${gateway.address}:8429/api/v1/import/prometheus`;
  const command = [...from.namespace.entry, program('node'), join(__dirname, 'nodes/import.mjs')];
  const outcome = await tryRun('nsenter', command, { input: JSON.stringify({ url, ...input }) });
  if (outcome.code !== 0) throw new Error(`the simulated fleet failed: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout);
}

async function measure(cluster: Cluster): Promise<void> {
  const cloud = cluster.addNode({ name: 'cloud-1' });
  cluster.apply(...objects());
  const [gateway] = (await cluster.start('StatefulSet', NAMESPACE, 'metrics-gateway')) as [Pod];
  const series = await seriesOfANode();
  const now = Math.floor(Date.now() / 1_000);
  const queued = await queuedBytes(cloud, gateway, { series, from: now - SPAN_SECONDS - QUEUED_SECONDS });
  const [prometheus] = (await cluster.start('StatefulSet', NAMESPACE, 'prometheus')) as [Pod];
  const empty = residentBytes(prometheus);
  const began = performance.now();
  const fleet = {
    series,
    nodes,
    from: now - SPAN_SECONDS,
    seconds: SPAN_SECONDS,
    interval: INTERVAL_SECONDS,
  };
  const taken = async () => {
    const { samples } = await importFleet(cloud, gateway, fleet);
    await eventually(
      'Prometheus has taken all samples',
      async () =>
        totalOf(await metricsOf(cloud, prometheus), 'prometheus_tsdb_head_samples_appended_total') >= samples,
      { seconds: 300, pauseMs: 1_000 },
    );
    return samples;
  };
  const { peak, result: samples } = await peakWhile(prometheus, taken());
  const seconds = (performance.now() - began) / 1_000;
  const costs = [gateway, prometheus].map((pod): Cost => ({ name: pod.name, cpuSeconds: cpuSeconds(pod) }));
  const block = await eventually('Prometheus has written a block', () => blockOf(cluster), {
    seconds: 200,
    pauseMs: 2_000,
  });
  print({
    series: series.length * nodes,
    samples,
    seconds,
    costs,
    memory: peak - empty,
    empty,
    block,
    queued,
  });
}

/** Bytes on disk for each sample that waits while there is no Prometheus. */
async function queuedBytes(from: Node, gateway: Pod, fleet: object): Promise<number> {
  const input = { ...fleet, nodes, seconds: QUEUED_SECONDS, interval: INTERVAL_SECONDS };
  const { samples } = await importFleet(from, gateway, input);
  const url = `http://${gateway.address}:8429/metrics`;
  return eventually('the queue is on disk', async () => {
    const { body } = await request(from.namespace, url);
    const pending = totalOf(body, 'vmagent_remotewrite_pending_data_bytes');
    return (
      totalOf(body, 'vmagent_remotewrite_pending_inmemory_blocks') === 0 && pending > 0 && pending / samples
    );
  });
}

interface Block {
  readonly samples: number;
  readonly bytes: number;
}

function blockOf(cluster: Cluster): Block | undefined {
  const folder = join(cluster.folder, 'claims/data-prometheus-0/data');
  for (const name of readdirSync(folder)) {
    const meta = join(folder, name, 'meta.json');
    if (!existsSync(meta)) continue;
    const { stats } = JSON.parse(readFileSync(meta, 'utf8'));
    const files = readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' });
    const bytes = files.map((file) => statSync(join(folder, name, file))).filter((stat) => stat.isFile());
    return { samples: stats.numSamples, bytes: bytes.reduce((sum, { size }) => sum + size, 0) };
  }
  return undefined;
}

interface Measured {
  readonly series: number;
  readonly samples: number;
  readonly seconds: number;
  readonly costs: readonly Cost[];
  readonly memory: number;
  readonly empty: number;
  readonly block: Block;
  readonly queued: number;
}

function print({ series, samples, seconds, costs, memory, empty, block, queued }: Measured): void {
  const row = (name: string, value: string) => console.log(`${name.padEnd(52)} ${value}`);
  const perSample = block.bytes / block.samples;
  const perSeries = memory / series;
  const planned = (PROMETHEUS.baseBytes + series * PROMETHEUS.bytesPerSeries) / (empty + memory) - 1;
  const rate = samples / seconds;
  row('simulated nodes, series, samples', `${nodes}, ${series}, ${samples}`);
  row('memory of Prometheus, empty and at most', `${mebibytes(empty)} and ${mebibytes(empty + memory)}`);
  row('memory for a million series', mebibytes(perSeries * 1e6));
  row('bytes on disk for a sample', perSample.toFixed(2));
  row('bytes of the queue of the gateway for a sample', queued.toFixed(1));
  row('samples a second that were taken in', rate.toFixed(0));
  for (const { name, cpuSeconds: used } of costs) {
    row(
      `CPU of ${name}, of one core`,
      `${((100 * used) / seconds).toFixed(0)} %, ${((used / samples) * 1e6).toFixed(2)} µs a sample`,
    );
  }
  row('nodes at 320 series and 10 s that this would be', (rate / 32).toFixed(0));
  row(
    'planned memory, and bytes for a sample, against it',
    `${percent(planned)}, ${percent(PROMETHEUS.bytesPerSample / perSample - 1)}`,
  );
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const percent = (share: number): string => `${share < 0 ? '' : '+'}${(100 * share).toFixed(0)} %`;

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
