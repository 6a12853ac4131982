import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/runtime/free-port';
import { endProgram, spawnKilledWithParent, tryRun } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import { VictoriaMetricsStack } from '../../test/stacks/victoria-metrics-stack';
import type { Manifest } from '../../test/support/manifests';
import { processAnonymousBytes, processCpuSeconds } from './processes';
import type { Imported, SimulatedFleet } from './simulated-fleet';

/** A store of metrics. All stores receive the same samples. */
export interface WrittenStore {
  readonly name: string;
  /** URL for remote write. */
  readonly writeUrl: string;
  /** Number of copies that the store keeps of each sample. */
  readonly copies: number;
  /** Process IDs by program name. A program may have several processes. */
  readonly processes: Readonly<Record<string, readonly number[]>>;
  /** Folders with the samples, without the folders of the index. */
  readonly sampleFolders: readonly string[];
  readonly indexFolders: readonly string[];
  /** Returns the number of stored samples. Each copy counts. */
  countStoredSamples(): Promise<number>;
  /** Writes samples from memory to disk, and merges the files. Does nothing for Prometheus. */
  flushAndMerge(): Promise<void>;
  stop(): Promise<void>;
}

/** CPU seconds and memory in bytes of a program. */
export interface Usage {
  readonly seconds: number;
  readonly memory: number;
}

/** Returns the usage by program of a store: CPU seconds of all its processes, and memory of its largest process. */
export function measureUsage({ processes }: WrittenStore): Record<string, Usage> {
  return Object.fromEntries(
    Object.entries(processes).map(([name, ids]) => [
      name,
      {
        seconds: ids.reduce((sum, id) => sum + processCpuSeconds(id), 0),
        memory: Math.max(...ids.map(processAnonymousBytes)),
      },
    ]),
  );
}

/** Returns the total size of all files in folders, in bytes. A folder that does not exist counts as 0. */
export function folderBytes(...folders: readonly string[]): number {
  const sizeOfPath = (path: string): number => {
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status) return 0; // A merge has removed it meanwhile.
    if (!status.isDirectory()) return status.size;
    return folderBytes(...readdirSync(path).map((name) => join(path, name)));
  };
  return folders.reduce((sum, folder) => sum + sizeOfPath(folder), 0);
}

async function fetchMetricSum(url: string, metric: string): Promise<number> {
  const text = await (await fetch(url)).text();
  return sumMetricValues(text, metric);
}

const sumMetricValues = (text: string, metric: string): number =>
  [...text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );

/** Starts a Prometheus with an out-of-order window of one day. */
export async function startPrometheus(folder: string): Promise<WrittenStore> {
  const address = `127.0.0.1:${await freePort()}`;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'prometheus.yaml');
  writeFileSync(config, JSON.stringify({ storage: { tsdb: { out_of_order_time_window: '1d' } } }));
  const child = spawnKilledWithParent(
    [
      ...['prometheus', `--config.file=${config}`, `--storage.tsdb.path=${folder}/data`],
      ...['--web.enable-remote-write-receiver', `--web.listen-address=${address}`],
    ],
    { stdio: 'ignore' },
  );
  await eventually('Prometheus is ready', async () => (await fetch(`http://${address}/-/ready`)).ok);
  const metric = 'prometheus_tsdb_head_samples_appended_total';
  return {
    ...{ name: 'Prometheus', writeUrl: `http://${address}/api/v1/write`, copies: 1 },
    processes: { prometheus: [child.pid ?? 0] },
    sampleFolders: [join(folder, 'data')],
    indexFolders: [],
    countStoredSamples: () => fetchMetricSum(`http://${address}/metrics`, metric),
    flushAndMerge: async () => {},
    stop: () => endProgram(child),
  };
}

/** Returns the folders of samples and of the index below data folders of VictoriaMetrics. */
const storageFolders = (
  ...data: readonly string[]
): Pick<WrittenStore, 'sampleFolders' | 'indexFolders'> => ({
  sampleFolders: data.flatMap((path) => [join(path, 'data/small'), join(path, 'data/big')]),
  indexFolders: data.map((path) => join(path, 'data/indexdb')),
});

/** Starts a single-node VictoriaMetrics. @param memory cache size in bytes */
export async function startVictoriaMetrics(folder: string, memory: number): Promise<WrittenStore> {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawnKilledWithParent(
    [
      ...['victoria-metrics', `-httpListenAddr=${address}`, `-storageDataPath=${folder}`],
      ...['-retentionPeriod=30d', `-memory.allowedBytes=${memory}`],
    ],
    { stdio: 'ignore' },
  );
  await eventually('VictoriaMetrics is ready', async () => (await fetch(`http://${address}/health`)).ok);
  return {
    ...{ name: 'VictoriaMetrics', writeUrl: `http://${address}/api/v1/write`, copies: 1 },
    processes: { 'victoria-metrics': [child.pid ?? 0] },
    ...storageFolders(folder),
    countStoredSamples: () => fetchMetricSum(`http://${address}/metrics`, 'vm_rows_added_to_storage_total'),
    flushAndMerge: () => forceMerge(`http://${address}`),
    stop: () => endProgram(child),
  };
}

/** Starts the VictoriaMetrics cluster of the manifests. @param memory cache size of each program in bytes */
export async function startCluster(
  objects: readonly Manifest[],
  folder: string,
  memory: number,
): Promise<WrittenStore & { readonly stack: VictoriaMetricsStack }> {
  const stack = new VictoriaMetricsStack(objects, folder, 'monitoring', [`-memory.allowedBytes=${memory}`]);
  await stack.start();
  const pods = stack.podsOf('vmstorage');
  return {
    ...{ stack, name: 'VictoriaMetrics cluster', writeUrl: stack.writeUrl, copies: 2 },
    processes: {
      vminsert: [stack.pidOf('vminsert')],
      vmstorage: pods.map((pod) => stack.pidOf(pod)),
      vmselect: [stack.pidOf('vmselect')],
    },
    ...storageFolders(...pods.map((pod) => join(stack.folderOf(pod), 'data'))),
    countStoredSamples: async () => {
      const texts = await Promise.all(pods.map((pod) => stack.metrics(`${pod}.vmstorage`, 8482)));
      return texts.reduce((sum, text) => sum + sumMetricValues(text, 'vm_rows_added_to_storage_total'), 0);
    },
    flushAndMerge: async () => {
      for (const pod of pods) await forceMerge(stack.urlOf(`${pod}.vmstorage`, 8482));
    },
    stop: () => stack.stop('SIGTERM'),
  };
}

/**
 * Writes samples to disk and merges them
 * (https://docs.victoriametrics.com/victoriametrics/single-server-victoriametrics/#forced-merge). Waits until the merge
 * has ended.
 * @param url address of the store
 */
async function forceMerge(url: string): Promise<void> {
  for (const path of ['/internal/force_flush', '/internal/force_merge']) {
    const { status } = await fetch(`${url}${path}`);
    if (status !== 200) throw new Error(`${url}${path} answers ${status}`);
  }
  // The merge starts in the background, so the metrics are only read after 5 s.
  await sleep(5_000);
  const isOnDisk = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return PENDING_WORK_METRICS.every((metric) => sumMetricValues(text, metric) === 0);
  };
  await eventually('the store has merged its samples', isOnDisk, { seconds: 300, pauseMs: 1_000 });
}

/** Metrics that are all 0 when samples are merged and on disk. */
const PENDING_WORK_METRICS = [
  'vm_active_force_merges',
  'vm_active_merges',
  'vm_pending_rows',
  'vm_parts\\{type="(?:storage|indexdb)/inmemory"\\}',
];

/** A vmagent that writes the samples of simulated nodes to all stores, with Prometheus's remote-write protocol. */
export class WritingAgent {
  private constructor(
    private readonly child: ChildProcess,
    private readonly address: string,
  ) {}

  static async start(folder: string, stores: readonly WrittenStore[]): Promise<WritingAgent> {
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawnKilledWithParent(
      [
        ...['vmagent', `-httpListenAddr=${address}`, `-remoteWrite.tmpDataPath=${folder}`],
        ...['-remoteWrite.queues=1', '-remoteWrite.forcePromProto=true', '-enableMetadata=false'],
        ...stores.map(({ writeUrl }) => `-remoteWrite.url=${writeUrl}`),
      ],
      { stdio: 'ignore' },
    );
    await eventually('vmagent is ready', async () => (await fetch(`http://${address}/health`)).ok);
    return new WritingAgent(child, address);
  }

  /** Sends samples, and waits until all stores have stored them. @throws Error if vmagent refuses them. */
  async importSamples(stores: readonly WrittenStore[], fleet: SimulatedFleet): Promise<Imported> {
    const before = await Promise.all(stores.map((store) => store.countStoredSamples()));
    const input = JSON.stringify({ url: `http://${this.address}/api/v1/import/prometheus`, ...fleet });
    const { code, stdout, stderr } = await tryRun('node', [resolve('bench/nodes/import.mjs')], { input });
    if (code !== 0) throw new Error(`sending the samples of the simulated nodes failed: ${stderr}`);
    const imported: Imported = JSON.parse(stdout);
    for (const [index, store] of stores.entries()) {
      const expected = (before[index] ?? 0) + imported.samples * store.copies;
      await eventually(
        `${store.name} has stored all samples`,
        async () => (await store.countStoredSamples()) >= expected,
        {
          seconds: 600,
          pauseMs: 1_000,
        },
      );
    }
    return imported;
  }

  stop(): Promise<void> {
    return endProgram(this.child);
  }
}

/** Runs a task. Returns its result, and the peak memory in bytes of each program of the stores, by program name. */
export async function measurePeaks<T>(
  stores: readonly WrittenStore[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly peaks: Record<string, number> }> {
  const peaks: Record<string, number> = {};
  const updatePeaks = () => {
    for (const store of stores) {
      for (const [name, { memory }] of Object.entries(measureUsage(store))) {
        peaks[name] = Math.max(peaks[name] ?? 0, memory);
      }
    }
  };
  const timer = setInterval(updatePeaks, 500);
  try {
    const result = await work();
    await sleep(5_000);
    updatePeaks();
    return { result, peaks };
  } finally {
    clearInterval(timer);
  }
}
