/**
 * Measures the cost of the stores of metrics on the same samples, beside the coefficients of the plan. A vmagent writes the samples
 * of simulated nodes to Prometheus, to a single VictoriaMetrics and to the VictoriaMetrics cluster of the manifests, with two copies:
 * first three hours of few nodes (CPU time and bytes on disk per sample), then a few minutes of many nodes (memory per series). Then
 * all series that rules read are written to Prometheus and to the cluster, and both evaluate all rules of this project: Prometheus
 * itself, and one vmalert with the arguments of the manifests. At last, a vmagent scrapes the series of a Pushgateway.
 *
 *   npm run bench:stores [-- --nodes N] [-- --many N] [-- --ruled N] [-- --only PART]
 *
 * --nodes: nodes of the first part (default: 60). --many: nodes of the second part (default: 400). --ruled: nodes that rules are
 * evaluated for (default: 200). --only: samples, rules or scrapes. Needs the programs of the end-to-end tests; those of the cluster in E2E_VMINSERT, E2E_VMSELECT and
 * E2E_VMSTORAGE, without which its rows are NOT RUN; 4 GiB of memory, and a quarter of an hour.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { CloudChart, victoriaMetricsCluster } from '../lib';
import { EVALUATION } from '../lib/cloud/evaluated-store/sizing';
import { PROMETHEUS } from '../lib/cloud/prometheus/sizing';
import { VICTORIA_METRICS } from '../lib/cloud/victoria-metrics/sizing';
import { requirePrograms } from '../test/runtime/programs';
import { MISSING_PROGRAMS } from '../test/stacks/victoria-metrics-stack';
import { least } from '../test/support/settings';
import { parseArguments, parseWholeNumber, runMain, Table } from './support/main';
import { measureRules } from './support/rules-in-stores';
import { standardNodeSeries } from './support/samples';
import { measureScrapes } from './support/scraped-pushgateway';
import { BLOCK_SECONDS, findStoredBlock } from './support/stored-samples';
import {
  folderBytes,
  measurePeaks,
  startCluster,
  startPrometheus,
  startVictoriaMetrics,
  usageOf,
  WritingAgent,
  type WrittenStore,
} from './support/written-stores';

const INTERVAL_SECONDS = 10;
/** Period of the first part: after three hours, Prometheus writes a block of the first two. */
const SPAN_SECONDS = 1.5 * BLOCK_SECONDS + 600;
/** Period and interval of the second part. */
const MANY_SECONDS = 300;
const SPARSE_SECONDS = 60;
/** Caches of each program: 60 % of a memory limit of 1.5 GiB, as a program computes it in its pod. */
const CACHE_BYTES = 0.6 * 1.5 * 2 ** 30;

const options = parseArguments({
  nodes: { type: 'string', default: '60' },
  many: { type: 'string', default: '400' },
  ruled: { type: 'string', default: '200' },
  only: { type: 'string' },
});
const isWanted = (part: 'samples' | 'rules' | 'scrapes'): boolean =>
  options.only === undefined || options.only === part;
const nodes = parseWholeNumber('nodes', options.nodes, 1, 2_000);
const many = parseWholeNumber('many', options.many, nodes + 1, 20_000);
const ruled = parseWholeNumber('ruled', options.ruled, 1, 5_000);

const series = standardNodeSeries();
const folder = mkdtempSync(join(tmpdir(), 'bench-stores-'));

const objects = new CloudChart(new App(), 'cloud', {
  settings: {
    ...least,
    edge: { transport: 'remote-write' },
    metricsStore: victoriaMetricsCluster(),
  },
}).toJson();

const table = new Table([
  ['', 62],
  ['measured', 12],
  ['in the plan', 12],
]);
const nanoseconds = (value: number): string => `${(value * 1e9).toFixed(0)} ns`;
const formatBytes = (value: number): string => (value < 100 ? value.toFixed(2) : value.toFixed(0));

/** Coefficients of the plan, for comparison. */
const PLANNED: Readonly<Record<string, { readonly cpu?: number; readonly series?: number }>> = {
  prometheus: { cpu: PROMETHEUS.secondsPerSample, series: PROMETHEUS.bytesPerSeries },
  vminsert: { cpu: VICTORIA_METRICS.secondsPerSample.insert },
  vmstorage: { cpu: VICTORIA_METRICS.secondsPerSample.storage, series: VICTORIA_METRICS.bytesPerSeries },
};

async function measureSamples(stores: readonly WrittenStore[], agent: WritingAgent): Promise<void> {
  const from = Math.floor((Date.now() / 1_000 - SPAN_SECONDS) / BLOCK_SECONDS) * BLOCK_SECONDS;
  const fleet = { series, nodes, interval: INTERVAL_SECONDS };
  // Series are created once.
  await agent.import(stores, { ...fleet, from, seconds: INTERVAL_SECONDS });
  const before = stores.map(usageOf);
  const { samples } = await agent.import(stores, {
    ...fleet,
    from: from + INTERVAL_SECONDS,
    seconds: SPAN_SECONDS - INTERVAL_SECONDS,
  });
  table.addRow(`${nodes} nodes of ${series.length} series, ${samples} samples`);
  const [prometheus] = stores as [WrittenStore];
  const spent = (usageOf(prometheus).prometheus?.seconds ?? 0) - (before[0]?.prometheus?.seconds ?? 0);
  for (const [index, store] of stores.entries()) {
    printCpu(store, before[index] ?? {}, samples, spent / samples);
  }
  await printDisk(stores, samples + nodes * series.length, from);
}

function printCpu(
  store: WrittenStore,
  before: ReturnType<typeof usageOf>,
  samples: number,
  ofPrometheus: number,
): void {
  for (const [name, { seconds }] of Object.entries(usageOf(store))) {
    if (name === 'vmselect') continue;
    const ofCopy = store.copies > 1 && name === 'vmstorage';
    const each = (seconds - (before[name]?.seconds ?? 0)) / samples / (ofCopy ? store.copies : 1);
    printCpuOf(`${store.name}: CPU of ${name} per ${ofCopy ? 'copy of a sample' : 'sample'}`, each, {
      planned: PLANNED[name]?.cpu,
      ofPrometheus,
    });
  }
}

function printCpuOf(
  what: string,
  each: number,
  { planned, ofPrometheus }: { readonly planned?: number; readonly ofPrometheus: number },
): void {
  table.addRow(what, nanoseconds(each), planned ? nanoseconds(planned) : '');
  if (each === ofPrometheus) return;
  const plannedRatio = planned && (planned / PROMETHEUS.secondsPerSample).toFixed(2);
  table.addRow('  relative to Prometheus', (each / ofPrometheus).toFixed(2), plannedRatio ?? '');
}

async function printDisk(stores: readonly WrittenStore[], samples: number, from: number): Promise<void> {
  for (const store of stores) {
    await store.merge();
    if (store.indexFolders.length) printVictoriaMetricsDisk(store, samples);
    else printBlock(store, from);
  }
}

function printBlock({ name, sampleFolders: [data = ''] }: WrittenStore, from: number): void {
  const block = findStoredBlock(data, from);
  const measured = block ? formatBytes((block.chunkBytes + block.indexBytes) / block.samples) : 'no block';
  table.addRow(`${name}: bytes of a block of two hours per sample`, measured, PROMETHEUS.diskBytesPerSample);
}

function printVictoriaMetricsDisk(store: WrittenStore, samples: number): void {
  const { name, copies, sampleFolders, indexFolders } = store;
  const [ofCopy, allSeries] = [copies > 1 ? 'copy of a ' : '', nodes * series.length];
  const { diskBytesPerSample, diskBytesPerSeriesAndDay } = VICTORIA_METRICS;
  const sampleBytes = formatBytes(folderBytes(...sampleFolders) / samples / copies);
  table.addRow(`${name}: bytes on disk per ${ofCopy}sample, merged`, sampleBytes, diskBytesPerSample);
  const indexBytes = formatBytes(folderBytes(...indexFolders) / allSeries / copies);
  table.addRow(`${name}: bytes of the index per ${ofCopy}series`, indexBytes, diskBytesPerSeriesAndDay);
}

async function measureMemory(stores: readonly WrittenStore[], agent: WritingAgent): Promise<void> {
  const before = Object.assign({}, ...stores.map(usageOf)) as ReturnType<typeof usageOf>;
  const { peaks } = await measurePeaks(stores, () =>
    agent.import(stores, {
      ...{ series, nodes: many, interval: SPARSE_SECONDS, seconds: MANY_SECONDS },
      from: Math.floor(Date.now() / 1_000) - MANY_SECONDS,
    }),
  );
  const all = many * series.length;
  table.addRow(`${many} nodes, ${all} series; memory without files`);
  for (const { processes, copies, name: store } of stores) {
    for (const [name, ids] of Object.entries(processes)) {
      const planned = PLANNED[name]?.series;
      const held = name === 'vminsert' ? all : (all * copies) / ids.length;
      table.addRow(
        `${store}: peak of ${name}, in MiB; before, in MiB`,
        ((peaks[name] ?? 0) / 2 ** 20).toFixed(0),
        ((before[name]?.memory ?? 0) / 2 ** 20).toFixed(0),
      );
      table.addRow(
        `${store}: bytes of ${name} per series that it holds`,
        formatBytes((peaks[name] ?? 0) / held),
        planned ?? '',
      );
    }
  }
}

async function measureWrites(isComplete: boolean): Promise<void> {
  const stores = [
    await startPrometheus(join(folder, 'prometheus')),
    await startVictoriaMetrics(join(folder, 'single'), CACHE_BYTES),
    ...(isComplete ? [await startCluster(objects, join(folder, 'cluster'), CACHE_BYTES)] : []),
  ];
  const agent = await WritingAgent.start(join(folder, 'agent'), stores);
  await measureSamples(stores, agent);
  await measureMemory(stores, agent);
  await agent.stop();
  for (const store of stores) await store.stop();
}

async function measureRuledNodes(): Promise<void> {
  const { perNode, memory } = await measureRules(objects, join(folder, 'ruled'), ruled, CACHE_BYTES);
  const planned: Record<string, number> = {
    prometheus: PROMETHEUS.ruleCoresPerNode,
    vmalert: EVALUATION.rulesCoresPerNode,
    vmselect: VICTORIA_METRICS.ruleCoresPerNode.select,
    vmstorage: VICTORIA_METRICS.ruleCoresPerNode.storage,
  };
  table.addRow(`rules of ${ruled} nodes`);
  for (const [name, value] of Object.entries(perNode)) {
    const [measured, plan = ''] = [value, planned[name]].map((cores) => cores && (cores * 1e6).toFixed(0));
    table.addRow(`cores of ${name} per node, in millionths`, measured ?? 0, plan);
  }
  for (const [name, bytes] of Object.entries(memory)) {
    table.addRow(`memory of ${name}, in MiB`, (bytes / 2 ** 20).toFixed(0));
  }
}

async function measureScraper(): Promise<void> {
  const { secondsPerSample, bytesPerSeries, scraped } = await measureScrapes(
    objects,
    join(folder, 'scraper'),
  );
  const { scraperSecondsPerSample, scraperBytesPerSeries } = EVALUATION;
  table.addRow(`vmagent that scrapes ${scraped} series of a Pushgateway`);
  table.addRow('CPU per sample', nanoseconds(secondsPerSample), nanoseconds(scraperSecondsPerSample));
  table.addRow('bytes per series', formatBytes(bytesPerSeries), scraperBytesPerSeries);
}

async function runStoresBench(): Promise<void> {
  requirePrograms('bench:stores');
  const isComplete = MISSING_PROGRAMS.length === 0;
  if (!isComplete) console.log(`VictoriaMetrics cluster: NOT RUN, set ${MISSING_PROGRAMS.join(', ')}`);
  if (isWanted('samples')) await measureWrites(isComplete);
  if (isWanted('rules') && isComplete) await measureRuledNodes();
  if (isWanted('scrapes')) await measureScraper();
}

void runMain(async () => {
  try {
    await runStoresBench();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}).finally(() => process.exit());
