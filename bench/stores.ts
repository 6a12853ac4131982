/**
 * Measures the cost of the metrics stores with the same samples, and compares it to the coefficients of the plan. A vmagent
 * writes the samples of simulated nodes to Prometheus, to a single-node VictoriaMetrics, and to the VictoriaMetrics cluster
 * of the manifests, which stores each sample twice. First it writes three hours of few nodes, for CPU time and bytes on disk
 * per sample, then a few minutes of many nodes, for memory per series. In the second part, all series that rules read are
 * written to Prometheus and to the cluster, and all rules of this project are evaluated in both: by Prometheus itself, and by
 * one vmalert with the arguments of the manifests. In the third part, a vmagent scrapes the series of a Pushgateway.
 *
 *   npm run bench:stores [-- --nodes N] [-- --many N] [-- --ruled N] [-- --only PART]
 *
 * --nodes: number of nodes in the three hours (default: 60). --many: number of nodes in the few minutes (default: 400).
 * --ruled: number of nodes in the second part (default: 200). --only: part to run, which is samples, rules or scrapes. The
 * benchmark needs the programs of the end-to-end tests, 4 GiB of memory and a quarter of an hour. E2E_VMINSERT, E2E_VMSELECT
 * and E2E_VMSTORAGE are the paths of the cluster's programs; without them, the rows of the cluster are NOT RUN.
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
import { minimalSettings } from '../test/support/settings';
import { parseArguments, parseWholeNumber, runBench, Table } from './support/main';
import { measureRules } from './support/rules-in-stores';
import { standardNodeSeries } from './support/samples';
import { measureScrapes } from './support/scraped-pushgateway';
import { BLOCK_SECONDS, findStoredBlock } from './support/stored-samples';
import {
  folderBytes,
  measurePeaks,
  measureUsage,
  startCluster,
  startPrometheus,
  startVictoriaMetrics,
  WritingAgent,
  type WrittenStore,
} from './support/written-stores';

const INTERVAL_SECONDS = 10;
/** Period in seconds for few nodes: after three hours, Prometheus writes a block of the first two hours. */
const SPAN_SECONDS = 1.5 * BLOCK_SECONDS + 600;
/** Period in seconds for many nodes. The interval between their samples follows below. */
const MANY_SECONDS = 300;
const SPARSE_SECONDS = 60;
/** Cache size of each program in bytes: 60 % of a memory limit of 1.5 GiB, as a program computes it in its pod. */
const CACHE_BYTES = 0.6 * 1.5 * 2 ** 30;

const options = parseArguments({
  nodes: { type: 'string', default: '60' },
  many: { type: 'string', default: '400' },
  ruled: { type: 'string', default: '200' },
  only: { type: 'string' },
});
const isPartSelected = (part: 'samples' | 'rules' | 'scrapes'): boolean =>
  options.only === undefined || options.only === part;
const nodes = parseWholeNumber('nodes', options.nodes, 1, 2_000);
const many = parseWholeNumber('many', options.many, nodes + 1, 20_000);
const ruled = parseWholeNumber('ruled', options.ruled, 1, 5_000);

const series = standardNodeSeries();
const folder = mkdtempSync(join(tmpdir(), 'bench-stores-'));

const objects = new CloudChart(new App(), 'cloud', {
  settings: {
    ...minimalSettings,
    edge: { transport: 'remote-write' },
    metricsStore: victoriaMetricsCluster(),
  },
}).toJson();

const table = new Table([
  ['', 62],
  ['measured', 12],
  ['planned', 12],
]);
const formatNanoseconds = (value: number): string => `${(value * 1e9).toFixed(0)} ns`;
const formatBytes = (value: number): string => (value < 100 ? value.toFixed(2) : value.toFixed(0));

/** Coefficients of the plan by program: CPU seconds per sample, and bytes of memory per series. */
const PLANNED: Readonly<Record<string, { readonly cpu?: number; readonly series?: number }>> = {
  prometheus: { cpu: PROMETHEUS.secondsPerSample, series: PROMETHEUS.bytesPerSeries },
  vminsert: { cpu: VICTORIA_METRICS.secondsPerSample.insert },
  vmstorage: { cpu: VICTORIA_METRICS.secondsPerSample.storage, series: VICTORIA_METRICS.bytesPerSeries },
};

async function measureSamples(stores: readonly WrittenStore[], agent: WritingAgent): Promise<void> {
  const from = Math.floor((Date.now() / 1_000 - SPAN_SECONDS) / BLOCK_SECONDS) * BLOCK_SECONDS;
  const fleet = { series, nodes, interval: INTERVAL_SECONDS };
  // The first samples create the series, so they are not measured.
  await agent.importSamples(stores, { ...fleet, from, seconds: INTERVAL_SECONDS });
  const before = stores.map(measureUsage);
  const { samples } = await agent.importSamples(stores, {
    ...fleet,
    from: from + INTERVAL_SECONDS,
    seconds: SPAN_SECONDS - INTERVAL_SECONDS,
  });
  table.addRow(`${nodes} nodes of ${series.length} series, ${samples} samples`);
  const [prometheus] = stores as [WrittenStore];
  const spent = (measureUsage(prometheus).prometheus?.seconds ?? 0) - (before[0]?.prometheus?.seconds ?? 0);
  for (const [index, store] of stores.entries()) {
    printStoreCpu(store, before[index] ?? {}, samples, spent / samples);
  }
  await printDisk(stores, samples + nodes * series.length, from);
}

function printStoreCpu(
  store: WrittenStore,
  before: ReturnType<typeof measureUsage>,
  samples: number,
  ofPrometheus: number,
): void {
  for (const [name, { seconds }] of Object.entries(measureUsage(store))) {
    if (name === 'vmselect') continue;
    const ofCopy = store.copies > 1 && name === 'vmstorage';
    const each = (seconds - (before[name]?.seconds ?? 0)) / samples / (ofCopy ? store.copies : 1);
    printCpuPerSample(`${store.name}: CPU of ${name} per ${ofCopy ? 'copy of a sample' : 'sample'}`, each, {
      planned: PLANNED[name]?.cpu,
      ofPrometheus,
    });
  }
}

function printCpuPerSample(
  what: string,
  each: number,
  { planned, ofPrometheus }: { readonly planned?: number; readonly ofPrometheus: number },
): void {
  table.addRow(what, formatNanoseconds(each), planned ? formatNanoseconds(planned) : '');
  if (each === ofPrometheus) return;
  const plannedRatio = planned && (planned / PROMETHEUS.secondsPerSample).toFixed(2);
  table.addRow('  CPU relative to Prometheus', (each / ofPrometheus).toFixed(2), plannedRatio ?? '');
}

async function printDisk(stores: readonly WrittenStore[], samples: number, from: number): Promise<void> {
  for (const store of stores) {
    await store.flushAndMerge();
    if (store.indexFolders.length) printVictoriaMetricsDisk(store, samples);
    else printPrometheusDisk(store, from);
  }
}

function printPrometheusDisk({ name, sampleFolders: [data = ''] }: WrittenStore, from: number): void {
  const block = findStoredBlock(data, from);
  const measured = block ? formatBytes((block.chunkBytes + block.indexBytes) / block.samples) : 'no block';
  table.addRow(`${name}: block of two hours, bytes per sample`, measured, PROMETHEUS.diskBytesPerSample);
}

function printVictoriaMetricsDisk(store: WrittenStore, samples: number): void {
  const { name, copies, sampleFolders, indexFolders } = store;
  const [ofCopy, allSeries] = [copies > 1 ? 'copy of a ' : '', nodes * series.length];
  const { diskBytesPerSample, diskBytesPerSeriesAndDay } = VICTORIA_METRICS;
  const sampleBytes = formatBytes(folderBytes(...sampleFolders) / samples / copies);
  table.addRow(`${name}: disk bytes per ${ofCopy}sample after a merge`, sampleBytes, diskBytesPerSample);
  const indexBytes = formatBytes(folderBytes(...indexFolders) / allSeries / copies);
  table.addRow(`${name}: index bytes per ${ofCopy}series`, indexBytes, diskBytesPerSeriesAndDay);
}

async function measureMemory(stores: readonly WrittenStore[], agent: WritingAgent): Promise<void> {
  const before = Object.assign({}, ...stores.map(measureUsage)) as ReturnType<typeof measureUsage>;
  const { peaks } = await measurePeaks(stores, () =>
    agent.importSamples(stores, {
      ...{ series, nodes: many, interval: SPARSE_SECONDS, seconds: MANY_SECONDS },
      from: Math.floor(Date.now() / 1_000) - MANY_SECONDS,
    }),
  );
  const all = many * series.length;
  table.addRow(`${many} nodes, ${all} series; memory without mapped files`);
  for (const { processes, copies, name: store } of stores) {
    for (const [name, ids] of Object.entries(processes)) {
      const planned = PLANNED[name]?.series;
      const held = name === 'vminsert' ? all : (all * copies) / ids.length;
      table.addRow(
        `${store}: peak memory of ${name} in MiB; before, in MiB`,
        ((peaks[name] ?? 0) / 2 ** 20).toFixed(0),
        ((before[name]?.memory ?? 0) / 2 ** 20).toFixed(0),
      );
      table.addRow(
        `${store}: memory bytes of ${name} per series`,
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

async function measureRuleCosts(): Promise<void> {
  const { perNode, memory } = await measureRules(objects, join(folder, 'ruled'), ruled, CACHE_BYTES);
  const planned: Record<string, number> = {
    prometheus: PROMETHEUS.ruleCoresPerNode,
    vmalert: EVALUATION.rulesCoresPerNode,
    vmselect: VICTORIA_METRICS.ruleCoresPerNode.select,
    vmstorage: VICTORIA_METRICS.ruleCoresPerNode.storage,
  };
  table.addRow(`rules for ${ruled} nodes`);
  for (const [name, value] of Object.entries(perNode)) {
    const [measured, plan = ''] = [value, planned[name]].map((cores) => cores && (cores * 1e6).toFixed(0));
    table.addRow(`millionths of a core of ${name} per node`, measured ?? 0, plan);
  }
  for (const [name, bytes] of Object.entries(memory)) {
    table.addRow(`peak memory of ${name} in MiB`, (bytes / 2 ** 20).toFixed(0));
  }
}

async function measureScraper(): Promise<void> {
  const { secondsPerSample, bytesPerSeries, scraped } = await measureScrapes(
    objects,
    join(folder, 'scraper'),
  );
  const { scraperSecondsPerSample, scraperBytesPerSeries } = EVALUATION;
  table.addRow(`vmagent that scrapes ${scraped} series of a Pushgateway`);
  table.addRow(
    'CPU of this vmagent per sample',
    formatNanoseconds(secondsPerSample),
    formatNanoseconds(scraperSecondsPerSample),
  );
  table.addRow('memory bytes of this vmagent per series', formatBytes(bytesPerSeries), scraperBytesPerSeries);
}

async function runStoresBench(): Promise<void> {
  requirePrograms('bench:stores');
  const isComplete = MISSING_PROGRAMS.length === 0;
  if (!isComplete)
    console.log(
      `VictoriaMetrics cluster: NOT RUN; set ${MISSING_PROGRAMS.join(', ')} to the paths of its programs`,
    );
  if (isPartSelected('samples')) await measureWrites(isComplete);
  if (isPartSelected('rules') && isComplete) await measureRuleCosts();
  if (isPartSelected('scrapes')) await measureScraper();
}

void runBench(async () => {
  try {
    await runStoresBench();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}).finally(() => process.exit());
