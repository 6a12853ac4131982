/**
 * Measures the cost of a replica of the metrics gateway, including its write filter and its series limiter. An agent
 * sends the batches of many nodes to the gateway of the manifests, which writes to Prometheus. There are five ways: without
 * the filter; with the filter; with the filter while Prometheus refuses a sample in one of a hundred requests; with the
 * limiter and the filter, as in the manifests; and with the limiter and two replicas of Prometheus, each with a filter. The
 * CPU time of each program is divided by the number of samples. The ways alternate, so that a slow machine affects all of
 * them equally.
 *
 *   npm run bench:gateway [-- --rounds N]
 *
 * --rounds: number of batches of each of the 200 nodes per way and turn (default: 6). The benchmark needs the programs of
 * the end-to-end tests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsGateway, Prometheus } from '../lib';
import { countSamplesPerSecondOfGroups } from '../lib/fleet/node-requests';
import { freePort } from '../test/runtime/free-port';
import { program, requirePrograms } from '../test/runtime/programs';
import { eventually } from '../test/runtime/wait';
import { filterProgram, gatewayProgram, limiterProgram } from '../test/stacks/gateway-programs';
import { synthesizeChart } from '../test/support/synthesize';
import { parseArguments, parseWholeNumber, runBench, Table } from './support/main';

const NODES = 200;
const READINGS = 6;
const INTERVAL_MS = 10_000;
/**
 * Samples per second of a node with the profile `standard`. The agent scrapes some series every ten seconds, and others
 * less often.
 */
const SAMPLES_PER_SECOND = countSamplesPerSecondOfGroups([
  { name: 'node', nodes: 1, transport: 'remote-write', interval: '10s', series: 'standard' },
]);
/**
 * Number of series that give the same number of samples if all of them are scraped every ten seconds. A batch contains
 * their samples of one minute.
 */
const SERIES = Math.round((SAMPLES_PER_SECOND * INTERVAL_MS) / 1_000);
/** Number of node batches in a hundred blocks of the gateway. A block contains 20,000 samples. */
const BATCHES_IN_HUNDRED_BLOCKS = Math.round(2e6 / (SERIES * READINGS));
const TURNS = 4;

const options = parseArguments({ rounds: { type: 'string', default: '6' } });
const rounds = parseWholeNumber('rounds', options.rounds, 1, 200);

/** A way of the samples from the agent to Prometheus. */
interface Way {
  readonly name: string;
  readonly isLimited: boolean;
  readonly isFiltered: boolean;
  readonly hasRefusals: boolean;
  readonly replicas: 1 | 2;
}

const WAYS: readonly Way[] = [
  { name: 'without a filter', isLimited: false, isFiltered: false, hasRefusals: false, replicas: 1 },
  { name: 'filter', isLimited: false, isFiltered: true, hasRefusals: false, replicas: 1 },
  { name: 'filter, 1 % refused', isLimited: false, isFiltered: true, hasRefusals: true, replicas: 1 },
  { name: 'limiter and filter', isLimited: true, isFiltered: true, hasRefusals: false, replicas: 1 },
  { name: 'limiter, filter, 2 stores', isLimited: true, isFiltered: true, hasRefusals: false, replicas: 2 },
];

/**
 * CPU seconds by program, number of stored samples, and numbers of the filter's requests: all, and those that the
 * filter translated.
 */
interface Cost {
  readonly seconds: Record<string, number>;
  samples: number;
  requests: number;
  translated: number;
}

const synthesizeGateway = (replicas: 1 | 2) =>
  synthesizeChart((chart) => {
    const store = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d', replicas });
    store.addTarget(new MetricsGateway(chart, 'gateway', { store }));
  });
/** Manifests by the number of replicas of Prometheus. */
const objects = { 1: synthesizeGateway(1), 2: synthesizeGateway(2) };

/**
 * Names of each store, its filter, the filter's metrics and the filter's container. All ways write to the first store.
 */
const STORES = [
  { store: 'prometheus', filter: 'filter', metrics: 'metrics', container: 'write-filter' },
  { store: 'prometheus-1', filter: 'filter-1', metrics: 'metrics-1', container: 'write-filter-1' },
] as const;
type Store = (typeof STORES)[number];

class Bench {
  private readonly folder = mkdtempSync(join(tmpdir(), 'bench-gateway-'));
  private readonly running: ChildProcess[] = [];
  private readonly ports: Record<string, number> = {};
  /**
   * Number of requests that were sent in the way with refusals, in all turns. The count starts at half of the interval
   * between refusals, so that the first refusal is in the middle of the first hundred blocks.
   */
  private batches = BATCHES_IN_HUNDRED_BLOCKS >> 1;
  private clock = Date.now() - 3 * (TURNS * WAYS.length * (rounds + 1) + 2) * 60_000;

  async measureAllWays(): Promise<void> {
    const ofStores = STORES.flatMap(({ store, filter, metrics }) => [store, filter, metrics]);
    for (const name of ['gateway', 'limiter', 'agent', ...ofStores]) {
      this.ports[name] = await freePort();
    }
    writeFileSync(join(this.folder, 'relabel.yaml'), '[]');
    const costs = new Map(
      WAYS.map(({ name }) => [name, { seconds: {}, samples: 0, requests: 0, translated: 0 } as Cost]),
    );
    const prometheus = await this.startPrometheus('prometheus');
    await this.startPrometheus('prometheus-1');
    for (let turn = 0; turn < TURNS; turn++) {
      for (const way of WAYS) await this.measureWay(way, prometheus, costs.get(way.name) as Cost);
    }
    printCosts(costs);
  }

  async stopAllPrograms(): Promise<void> {
    for (const child of this.running) await stopProcess(child);
    rmSync(this.folder, { recursive: true });
  }

  private async measureWay(way: Way, prometheus: ChildProcess, cost: Cost): Promise<void> {
    const started = await this.startWay(way);
    // Work that happens once, such as creating series, is not counted.
    await this.sendSamples(1, way, false);
    const programs: Record<string, ChildProcess> = { ...started, prometheus };
    const before = Object.entries(programs).map(([name, child]) => [name, cpuSeconds(child)] as const);
    const requests = way.isFiltered && (await this.countFilterRequests());
    await this.sendSamples(rounds, way, way.hasRefusals);
    for (const [name, seconds] of before) {
      const spent = cpuSeconds(programs[name] as ChildProcess) - seconds;
      cost.seconds[name] = (cost.seconds[name] ?? 0) + spent;
    }
    cost.samples += rounds * NODES * SERIES * READINGS;
    if (requests) {
      const now = await this.countFilterRequests();
      cost.requests += now.all - requests.all;
      cost.translated += now.translated - requests.translated;
    }
    for (const child of Object.values(started)) await stopProcess(child);
  }

  /** Starts the programs of a way, and returns them in the order in which they must be stopped. */
  private async startWay(way: Way): Promise<Record<string, ChildProcess>> {
    const stores = way.isFiltered ? STORES.slice(0, way.replicas) : [];
    const filters = stores.map((store) => [store.container, this.startFilter(way, store)] as const);
    const vmagent = this.startGateway(way);
    const limiters = way.isLimited ? [['series-limiter', this.startLimiter(way)] as const] : [];
    const agent = this.startAgent(way);
    for (const name of ['gateway', 'agent']) await this.waitUntilAnswering(name, '/-/ready');
    for (const { metrics } of stores) await this.waitUntilAnswering(metrics, '/metrics');
    if (way.isLimited) await this.waitUntilAnswering('limiter', '/metrics');
    return { agent, ...Object.fromEntries(limiters), vmagent, ...Object.fromEntries(filters) };
  }

  private async countFilterRequests(): Promise<{ all: number; translated: number }> {
    const text = await this.fetchText('metrics', '/metrics');
    const readFilterMetric = (name: string) =>
      Number(new RegExp(`^metrics_gateway_filter_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return {
      all: readFilterMetric('requests_total'),
      translated: readFilterMetric('requests_translated_total'),
    };
  }

  /** Sends this number of batches per node to the agent, and waits until they are stored. */
  private async sendSamples(count: number, { replicas }: Way, hasRefusals: boolean): Promise<void> {
    const stores = STORES.slice(0, replicas).map(({ store }) => store);
    const before = await Promise.all(stores.map((store) => this.countStoredSamples(store)));
    const sent = count * NODES * SERIES * READINGS;
    for (let round = 0; round < count; round++, this.clock += 60_000) {
      for (let node = 0; node < NODES; node++) {
        const isRefused = hasRefusals && ++this.batches % BATCHES_IN_HUNDRED_BLOCKS === 0;
        const tooOld = isRefused ? `too_old{node="node-${node}"} 1 ${this.clock - 30 * 86_400_000}\n` : '';
        const body = `${tooOld}${renderSamples(node, this.clock)}`;
        await fetch(this.programUrl('agent', '/api/v1/import/prometheus'), { method: 'POST', body });
      }
    }
    for (const [index, store] of stores.entries()) {
      const expected = (before[index] ?? 0) + sent;
      const isStored = async () => (await this.countStoredSamples(store)) >= expected;
      await eventually(`${store} has stored ${expected} samples`, isStored, { seconds: 600, pauseMs: 500 });
    }
  }

  private async countStoredSamples(store: string): Promise<number> {
    const text = await this.fetchText(store, '/metrics');
    const readSampleCount = (metric: string) =>
      Number(new RegExp(`^${metric}\\{type="float"\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    return readSampleCount('prometheus_tsdb_head_samples_appended_total');
  }

  private programUrl(name: string, path: string): string {
    return `http://127.0.0.1:${this.ports[name]}${path}`;
  }

  private async fetchText(name: string, path: string): Promise<string> {
    return (await fetch(this.programUrl(name, path))).text();
  }

  private async waitUntilAnswering(name: string, path: string): Promise<void> {
    await eventually(`${name} answers`, async () => (await fetch(this.programUrl(name, path))).ok);
  }

  private async startPrometheus(name: Store['store']): Promise<ChildProcess> {
    writeFileSync(
      join(this.folder, 'prometheus.yaml'),
      'storage: { tsdb: { out_of_order_time_window: 1d } }',
    );
    const child = this.startProgram(program('prometheus'), [
      `--config.file=${this.folder}/prometheus.yaml`,
      `--storage.tsdb.path=${this.folder}/${name}`,
      '--web.enable-remote-write-receiver',
      `--web.listen-address=127.0.0.1:${this.ports[name]}`,
    ]);
    await this.waitUntilAnswering(name, '/-/ready');
    return child;
  }

  private startFilter({ replicas }: Way, { store, filter, metrics, container }: Store): ChildProcess {
    const changed = {
      TARGET_URL: this.programUrl(store, '/api/v1/write'),
      LISTEN_PORT: `${this.ports[filter]}`,
      METRICS_PORT: `${this.ports[metrics]}`,
    };
    const { args, env } = filterProgram(objects[replicas], join(this.folder, filter), changed, container);
    return this.startProgram(program('node'), args, env);
  }

  private startLimiter({ replicas }: Way): ChildProcess {
    const { args, env } = limiterProgram(objects[replicas], join(this.folder, 'limiter'), {
      TARGET_URL: this.programUrl('gateway', '/api/v1/write'),
      LISTEN_PORT: `${this.ports.limiter}`,
    });
    return this.startProgram(program('node'), args, env);
  }

  private startGateway({ isFiltered, replicas }: Way): ChildProcess {
    const { args, env } = gatewayProgram(objects[replicas], {
      '-httpListenAddr': `127.0.0.1:${this.ports.gateway}`,
      '-remoteWrite.relabelConfig': `${this.folder}/relabel.yaml`,
      '-remoteWrite.tmpDataPath': `${this.folder}/queue`,
    });
    const urls = STORES.map(({ store, filter }) =>
      this.programUrl(isFiltered ? filter : store, '/api/v1/write'),
    );
    const withUrls = args.map((arg) =>
      arg.startsWith('-remoteWrite.url=') ? `-remoteWrite.url=${urls.shift()}` : arg,
    );
    return this.startProgram(program('vmagent'), withUrls, env);
  }

  /** Starts an agent whose batches have the size of one node's batch. */
  private startAgent({ isLimited }: Way): ChildProcess {
    return this.startProgram(program('vmagent'), [
      `-httpListenAddr=127.0.0.1:${this.ports.agent}`,
      `-remoteWrite.url=${this.programUrl(isLimited ? 'limiter' : 'gateway', '/api/v1/write')}`,
      '-remoteWrite.forceVMProto=true',
      '-remoteWrite.queues=1',
      `-remoteWrite.tmpDataPath=${this.folder}/agent`,
      `-remoteWrite.maxRowsPerBlock=${SERIES * READINGS}`,
    ]);
  }

  private startProgram(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(name, args, { stdio: 'ignore', env });
    this.running.push(child);
    return child;
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

/** Returns the CPU time (user and system) of a process in seconds. The kernel counts it in hundredths of a second. */
function cpuSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Renders the samples of a node for one minute. */
function renderSamples(node: number, now: number): string {
  const lines: string[] = [];
  for (let reading = READINGS - 1; reading >= 0; reading--) {
    const time = now - reading * INTERVAL_MS;
    for (let series = 0; series < SERIES; series++) {
      const labels = `cpu="${series % 8}",instance="node-${node}",job="node_exporter",node="node-${node}"`;
      const value = series % 2 ? series * 1_000 : (now % 1e6) * 0.37 + series * reading;
      lines.push(`node_metric_${series >> 3}_seconds_total{${labels}} ${value} ${time}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The programs of a gateway replica, in the order in which samples pass through them. */
const GATEWAY_PROGRAMS = ['series-limiter', 'vmagent', 'write-filter', 'write-filter-1'];

function printCosts(costs: ReadonlyMap<string, Cost>): void {
  const nanosecondsPerSample = ({ seconds, samples }: Cost, name: string) =>
    ((seconds[name] ?? 0) / samples) * 1e9;
  const gatewayNanosecondsPerSample = (cost: Cost) =>
    GATEWAY_PROGRAMS.reduce((sum, name) => sum + nanosecondsPerSample(cost, name), 0);
  const first = gatewayNanosecondsPerSample([...costs.values()][0] as Cost);
  console.log(
    `${NODES} nodes, ${TURNS} turns of ${rounds} batches per node, ${SERIES * READINGS} samples each`,
  );
  const table = new Table([
    ['CPU ns per sample', 25],
    ['limiter', 9],
    ['vmagent', 9],
    ['filter', 9],
    ['filter 2', 9],
    ['prometheus', 10],
    ['gateway', 9],
    ['relative', 9],
    ['nodes/core', 10],
    ['cores/20k nodes', 15],
    ['translated requests', 20],
  ]);
  for (const [name, cost] of costs) {
    const { requests, translated } = cost;
    const each = [...GATEWAY_PROGRAMS, 'prometheus'].map((one) => nanosecondsPerSample(cost, one).toFixed(0));
    const gateway = gatewayNanosecondsPerSample(cost);
    const nodes = 1e9 / (gateway * SAMPLES_PER_SECOND);
    const ratio = (gateway / first).toFixed(2);
    const whole = [gateway.toFixed(0), ratio, nodes.toFixed(0), (20_000 / nodes).toFixed(2)];
    table.addRow(name, ...each, ...whole, ...(requests ? [`${translated} of ${requests}`] : []));
  }
}

async function runGatewayBench(): Promise<void> {
  requirePrograms('bench:gateway');
  const bench = new Bench();
  try {
    await bench.measureAllWays();
  } finally {
    await bench.stopAllPrograms();
  }
}

void runBench(runGatewayBench);
