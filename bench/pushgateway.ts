/**
 * Measures the resources of a Pushgateway for a fleet that pushes, and the duration of a push: simulated nodes with 460
 * samples each push every 10 seconds, compressed, each over a new TLS connection through nginx and the guard, while all
 * shards are scraped every 10 seconds.
 *
 *   npm run bench:pushgateway [-- --nodes N --shards N] [-- --seconds N]
 *
 * Without --nodes, there are four runs: 500 nodes on one shard, then 100, 500 and 1,000 nodes with a shard for every 500
 * nodes. --seconds: duration of the measurement in seconds (default: 60). The exit code is 1 if a push is not accepted; it
 * does not depend on times. The benchmark needs the programs of the end-to-end tests.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BasicAuthIngress, Pushgateway, shardOf, shardPath } from '../lib';
import { objectNameOfShard } from '../lib/core/shards';
import { Cluster } from '../test/runtime/cluster';
import { IngressController } from '../test/runtime/ingress-controller';
import type { Node } from '../test/runtime/node';
import type { Pod } from '../test/runtime/pod';
import { program, tryRun } from '../test/runtime/programs';
import { htpasswd, secret } from '../test/runtime/secrets';
import { synthesizeChart } from '../test/support/synthesize';
import { parseArguments, runBenchWithPods, setFailedExitCode, Table } from './support/main';
import { podCpuSeconds, podResidentBytes } from './support/processes';
import { fetchNodeSamples } from './support/samples';

const HOST = 'push.example.com';
const NAMESPACE = 'monitoring';
const USER = { username: 'edge', password: 'correct-horse-battery-staple' };
const INTERVAL_SECONDS = 10;
const NODES_OF_A_SHARD = 500;
const SAMPLES = 460;

interface Load {
  readonly nodes: number;
  readonly shards: number;
}

interface Measured extends Load {
  readonly failed: number;
  /** Durations of the accepted pushes in milliseconds, sorted. */
  readonly times: readonly number[];
  /** Average number of cores that all Pushgateways use together. */
  readonly cores: number;
  /** Memory of all Pushgateways together in bytes. */
  readonly memory: number;
  /**
   * Average number of cores, and memory in bytes, of all push filters together. `cores` and `memory` do not include
   * them.
   */
  readonly filterCores: number;
  readonly filterMemory: number;
  /** Duration of the slowest scrape in seconds. */
  readonly scrape: number;
}

const options = parseArguments({
  nodes: { type: 'string' },
  shards: { type: 'string', default: '1' },
  seconds: { type: 'string', default: '60' },
});

const rounds = Math.ceil(Number(options.seconds) / INTERVAL_SECONDS);

const loads: readonly Load[] = options.nodes
  ? [{ nodes: Number(options.nodes), shards: Number(options.shards) }]
  : [
      { nodes: 500, shards: 1 },
      ...[100, 500, 1_000].map((nodes) => ({ nodes, shards: Math.ceil(nodes / NODES_OF_A_SHARD) })),
    ];

/** Returns the planned maximum number of nodes per shard: the nodes of a shard plus 25 %, as `edge.fleet` plans it. */
const maxNodesPerShard = ({ nodes, shards }: Load) => Math.ceil((nodes / shards) * 1.25);

function synthesizePushgateway(load: Load) {
  const { shards } = load;
  return synthesizeChart((chart) => {
    const tls = { secretName: 'push-tls' };
    const ingress = new BasicAuthIngress(chart, 'ingress', { name: 'push', host: HOST, tls });
    const resources = { cpu: '100m', memory: '128Mi', memoryLimit: '1Gi' } as const;
    new Pushgateway(chart, 'pushgateway', {
      ingress,
      shards,
      consistencyCheck: false,
      limits: { nodes: maxNodesPerShard(load) },
      reaper: false,
      resources,
    });
  });
}

async function measureLoad(load: Load, bodyFile: string): Promise<Measured> {
  const cluster = new Cluster();
  try {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    const edge = cluster.addNode({ name: 'edge-1' });
    cluster.apply(
      ...synthesizePushgateway(load),
      secret(NAMESPACE, 'push-tls', { ...cluster.authority.issue(HOST) }),
      secret(NAMESPACE, 'push-users', { auth: htpasswd(USER) }),
    );
    const shards: Pod[] = [];
    for (let shard = 0; shard < load.shards; shard++) {
      shards.push(
        ...(await cluster.start('StatefulSet', NAMESPACE, objectNameOfShard('pushgateway', shard))),
      );
    }
    await cluster.start('Deployment', NAMESPACE, 'push-guard');
    const ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    const pushing = simulatePushes(edge, ingress, cluster, load, bodyFile);
    await new Promise((resolve) => setTimeout(resolve, (INTERVAL_SECONDS + 2) * 1_000));
    const pushgateways = shards.map((pod) => selectContainers(pod, 'pushgateway'));
    const filters = shards.map((pod) => selectContainers(pod, 'push-filter'));
    const before = sumOf(pushgateways.map(podCpuSeconds));
    const filterBefore = sumOf(filters.map(podCpuSeconds));
    const began = performance.now();
    const scrape = await measureSlowestScrape(cloud, shards, rounds - 1);
    const elapsed = (performance.now() - began) / 1_000;
    const cores = (sumOf(pushgateways.map(podCpuSeconds)) - before) / elapsed;
    const filterCores = (sumOf(filters.map(podCpuSeconds)) - filterBefore) / elapsed;
    const memory = sumOf(pushgateways.map(podResidentBytes));
    const filterMemory = sumOf(filters.map(podResidentBytes));
    return { ...load, ...(await pushing), cores, memory, filterCores, filterMemory, scrape };
  } finally {
    await cluster.destroy();
  }
}

/**
 * Returns a shard with only those containers that have this name. A shard suffix in the name of a container is ignored:
 * `pushgateway-shard-1` counts as `pushgateway`.
 */
const selectContainers = ({ containers }: Pod, name: string): Pick<Pod, 'containers'> => ({
  containers: containers.filter((container) => container.name.replace(/-shard-\d+$/, '') === name),
});

async function simulatePushes(
  edge: Node,
  ingress: IngressController,
  { authority }: Cluster,
  load: Load,
  bodyFile: string,
) {
  const names = Array.from({ length: load.nodes }, (_, index) => `edge-${index}`);
  const input = JSON.stringify({
    urls: names.map((node) => {
      const path = `${shardPath(shardOf(node, load.shards))}/metrics/job/node_exporter/instance/${node}/hostname/${node}`;
      return `https://${HOST}${path}`;
    }),
    user: `${USER.username}:${USER.password}`,
    authorityFile: authority.file,
    address: ingress.address,
    bodyFile,
    intervalMs: INTERVAL_SECONDS * 1_000,
    warmUp: 1,
    rounds,
  });
  const command = [...edge.namespace.entry, program('node'), join(__dirname, 'nodes/push.mjs')];
  const { code, stdout, stderr } = await tryRun('nsenter', command, { input });
  if (code !== 0) throw new Error(`the simulated nodes failed: ${stderr}`);
  const { times, failed }: { times: number[]; failed: number } = JSON.parse(stdout);
  return { times: times.sort((one, other) => one - other), failed };
}

/**
 * Scrapes all shards at each interval, as Prometheus does, and returns the duration of the slowest scrape in seconds.
 * @param times number of intervals
 */
async function measureSlowestScrape(from: Node, shards: readonly Pod[], times: number): Promise<number> {
  let slowest = 0;
  for (let round = 0; round < times; round++) {
    const next = performance.now() + INTERVAL_SECONDS * 1_000;
    const all = await Promise.all(
      shards.map(async (pod, shard) => {
        const url = `http://${pod.address}:9091${shardPath(shard)}/metrics`;
        const curl = [program('curl'), '--silent', '--fail', '--max-time', '30', '--output', '/dev/null'];
        const encoding = ['--header', 'Accept-Encoding: gzip', '--write-out', '%{time_total}'];
        const { stdout } = await tryRun('nsenter', [...from.namespace.entry, ...curl, ...encoding, url]);
        return Number(stdout);
      }),
    );
    slowest = Math.max(slowest, ...all);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
  }
  return slowest;
}

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function tableCells({
  nodes,
  shards,
  times,
  failed,
  cores,
  memory,
  filterCores,
  filterMemory,
  scrape,
}: Measured): string[] {
  const formatPercentile = (share: number) =>
    `${Math.round(times[Math.floor(times.length * share)] ?? Number.NaN)} ms`;
  return [
    `${nodes}`,
    `${shards}`,
    `${times.length}`,
    `${failed}`,
    formatPercentile(0.5),
    formatPercentile(0.99),
    cores.toFixed(3),
    `${((cores / nodes) * 1e6).toFixed(0)}`,
    `${(memory / 2 ** 20).toFixed(0)} MiB`,
    filterCores.toFixed(3),
    `${(filterMemory / 2 ** 20).toFixed(0)} MiB`,
    `${scrape.toFixed(2)} s`,
  ];
}

async function runPushgatewayBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-pushgateway-'));
  const bodyFile = join(folder, 'body.gz');
  try {
    const samples = await fetchNodeSamples(SAMPLES);
    writeFileSync(bodyFile, gzipSync(samples, { level: 9 }));
    console.log(
      `${SAMPLES} samples per node, ${samples.length} bytes, ${readFileSync(bodyFile).length} bytes compressed; pushes and scrapes every ${INTERVAL_SECONDS} s`,
    );
    const table = new Table(
      [
        'nodes',
        'shards',
        'pushes',
        'failed',
        'push p50',
        'push p99',
        'cores',
        'µcores/node',
        'memory',
        'filter cores',
        'filter memory',
        'scrape',
      ].map((heading) => [heading, Math.max(10, heading.length)]),
    );
    for (const load of loads) {
      const measured = await measureLoad(load, bodyFile);
      table.addRow(...tableCells(measured));
      if (measured.failed > 0) setFailedExitCode();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void runBenchWithPods(runPushgatewayBench);
