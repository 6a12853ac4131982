/**
 * What a fleet that pushes costs the Pushgateway, and how long a push takes: simulated nodes of 460 samples each,
 * pushed every 10 seconds, compressed, each over a new TLS connection through nginx and the guard, while all shards
 * are scraped every 10 seconds.
 *
 *   npm run bench:pushgateway [-- --nodes N --shards N] [-- --seconds N]
 *
 * Without --nodes: 500 on one shard, then 100, 500 and 1,000 with a shard for every 500. --seconds: how long is
 * measured, 60 unless told otherwise. Exit code 1 when a push is not taken, and never because of a time. Needs what
 * the end-to-end tests need.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BasicAuthIngress, Pushgateway, shardOf, shardPath } from '../lib';
import { shardName } from '../lib/core/shards';
import { Cluster } from '../test/runtime/cluster';
import { IngressController } from '../test/runtime/ingress-controller';
import type { Node } from '../test/runtime/node';
import type { Pod } from '../test/runtime/pod';
import { program, tryRun } from '../test/runtime/programs';
import { htpasswd, secret } from '../test/runtime/secrets';
import { synthesized } from '../test/support/synthesize';
import { argumentsOf, missed, onPods, Table } from './support/main';
import { cpuSeconds, residentBytes } from './support/processes';
import { samplesOfANode } from './support/samples';

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
  /** Milliseconds, sorted. */
  readonly times: readonly number[];
  /** Cores of all Pushgateways together. */
  readonly cores: number;
  /** Bytes of all Pushgateways together. */
  readonly memory: number;
  /** Cores and bytes of all push filters together, which are part of neither. */
  readonly filterCores: number;
  readonly filterMemory: number;
  /** Seconds of the slowest scrape. */
  readonly scrape: number;
}

const options = argumentsOf({
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

/** Nodes of a shard, and a quarter more, as `edge.fleet` would have it. */
const mostNodes = ({ nodes, shards }: Load) => Math.ceil((nodes / shards) * 1.25);

function objects(load: Load) {
  const { shards } = load;
  return synthesized((chart) => {
    const tls = { secretName: 'push-tls' };
    const ingress = new BasicAuthIngress(chart, 'ingress', { name: 'push', host: HOST, tls });
    const resources = { cpu: '100m', memory: '128Mi', memoryLimit: '1Gi' } as const;
    new Pushgateway(chart, 'pushgateway', {
      ingress,
      shards,
      consistencyCheck: false,
      limits: { nodes: mostNodes(load) },
      reaper: false,
      resources,
    });
  });
}

async function measure(load: Load, bodyFile: string): Promise<Measured> {
  const cluster = new Cluster();
  try {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    const edge = cluster.addNode({ name: 'edge-1' });
    cluster.apply(
      ...objects(load),
      secret(NAMESPACE, 'push-tls', { ...cluster.authority.issue(HOST) }),
      secret(NAMESPACE, 'push-users', { auth: htpasswd(USER) }),
    );
    const shards: Pod[] = [];
    for (let shard = 0; shard < load.shards; shard++) {
      shards.push(...(await cluster.start('StatefulSet', NAMESPACE, shardName('pushgateway', shard))));
    }
    await cluster.start('Deployment', NAMESPACE, 'push-guard');
    const ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    const pushing = push(edge, ingress, cluster, load, bodyFile);
    await new Promise((resolve) => setTimeout(resolve, (INTERVAL_SECONDS + 2) * 1_000));
    const pushgateways = shards.map((pod) => only(pod, 'pushgateway'));
    const filters = shards.map((pod) => only(pod, 'push-filter'));
    const before = sum(pushgateways.map(cpuSeconds));
    const filterBefore = sum(filters.map(cpuSeconds));
    const began = performance.now();
    const scrape = await scrapes(cloud, shards, rounds - 1);
    const elapsed = (performance.now() - began) / 1_000;
    const cores = (sum(pushgateways.map(cpuSeconds)) - before) / elapsed;
    const filterCores = (sum(filters.map(cpuSeconds)) - filterBefore) / elapsed;
    const memory = sum(pushgateways.map(residentBytes));
    const filterMemory = sum(filters.map(residentBytes));
    return { ...load, ...(await pushing), cores, memory, filterCores, filterMemory, scrape };
  } finally {
    await cluster.destroy();
  }
}

/** The containers of a shard that have a name, without what another name ends in: `pushgateway-shard-1` is one, too. */
const only = ({ containers }: Pod, name: string): Pick<Pod, 'containers'> => ({
  containers: containers.filter((container) => container.name.replace(/-shard-\d+$/, '') === name),
});

async function push(
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

/** Reads all shards as Prometheus does, every interval; gives the seconds of the slowest answer. */
async function scrapes(from: Node, shards: readonly Pod[], times: number): Promise<number> {
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

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function cellsOf({
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
  const at = (share: number) => `${Math.round(times[Math.floor(times.length * share)] ?? Number.NaN)} ms`;
  return [
    `${nodes}`,
    `${shards}`,
    `${times.length}`,
    `${failed}`,
    at(0.5),
    at(0.99),
    cores.toFixed(3),
    `${((cores / nodes) * 1e6).toFixed(0)}`,
    `${(memory / 2 ** 20).toFixed(0)} MiB`,
    filterCores.toFixed(3),
    `${(filterMemory / 2 ** 20).toFixed(0)} MiB`,
    `${scrape.toFixed(2)} s`,
  ];
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-pushgateway-'));
  const bodyFile = join(folder, 'body.gz');
  try {
    const samples = await samplesOfANode(SAMPLES);
    writeFileSync(bodyFile, gzipSync(samples, { level: 9 }));
    console.log(
      `${SAMPLES} samples a node, ${samples.length} bytes, ${readFileSync(bodyFile).length} compressed, every ${INTERVAL_SECONDS} s, scraped as often`,
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
        'filter',
        'memory',
        'scrape',
      ].map((heading) => [heading, 10]),
    );
    for (const load of loads) {
      const measured = await measure(load, bodyFile);
      table.row(...cellsOf(measured));
      if (measured.failed > 0) missed();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void onPods(run);
