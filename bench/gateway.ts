/**
 * Measures the cost of a metrics gateway replica, and of its filter and its series limiter. An agent sends the batches
 * of many nodes to the gateway of the manifests, which writes to Prometheus: without the filter, with it, with it while
 * Prometheus refuses a sample in one of a hundred requests, with the limiter in front, as in the manifests, and the same with two
 * replicas of Prometheus, each with a filter. The CPU time of each program is divided by the number of samples. The ways alternate, so that a slow machine affects all of
 * them equally.
 *
 *   npm run bench:gateway [-- --rounds N]
 *
 * --rounds: batches of each of the 200 nodes per way and turn (default: 6). Needs the programs of the end-to-end tests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsGateway, Prometheus } from '../lib';
import { samplesPerSecond } from '../lib/fleet/node-requests';
import { program, requirePrograms } from '../test/runtime/programs';
import { eventually } from '../test/runtime/wait';
import { filterProgram, gatewayProgram, limiterProgram } from '../test/stacks/gateway-programs';
import { freePort } from '../test/support/free-port';
import { synthesizeChart } from '../test/support/synthesize';
import { parseArguments, parseWholeNumber, runMain, Table } from './support/main';

const NODES = 200;
const READINGS = 6;
const INTERVAL_MS = 10_000;
/** Series of a node with the profile `standard`: some are scraped every ten seconds, others less often. */
const SAMPLES_PER_SECOND = samplesPerSecond([
  { name: 'node', nodes: 1, transport: 'remote-write', interval: '10s', series: 'standard' },
]);
/** The same number of samples from series that are all scraped every ten seconds; a batch contains a minute of them. */
const SERIES = Math.round((SAMPLES_PER_SECOND * INTERVAL_MS) / 1_000);
/** Batches of nodes in a hundred blocks of the gateway, which contain 20,000 samples each. */
const BATCHES_IN_HUNDRED_BLOCKS = Math.round(2e6 / (SERIES * READINGS));
const TURNS = 4;

const options = parseArguments({ rounds: { type: 'string', default: '6' } });
const rounds = parseWholeNumber('rounds', options.rounds, 1, 200);

/** A way from the agent to Prometheus. */
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
  { name: 'the same, two stores', isLimited: true, isFiltered: true, hasRefusals: false, replicas: 2 },
];

/** CPU seconds by program, stored samples, and requests that the filter translated. */
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

/** Names of the programs of each store; the first store is that of all ways. */
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
   * Requests of the way with refusals, in all its turns; the first refusal is in the middle of the first hundred
   * blocks.
   */
  private batches = BATCHES_IN_HUNDRED_BLOCKS >> 1;
  private clock = Date.now() - 3 * (TURNS * WAYS.length * (rounds + 1) + 2) * 60_000;

  async run(): Promise<void> {
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

  async stopAll(): Promise<void> {
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

  /** Starts the programs of a way, in the order in which they are stopped. */
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
    const metricValue = (name: string) =>
      Number(new RegExp(`^metrics_gateway_filter_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return { all: metricValue('requests_total'), translated: metricValue('requests_translated_total') };
  }

  /** Sends batches to the agent, and waits until they are stored. */
  private async sendSamples(count: number, { replicas }: Way, hasRefusals: boolean): Promise<void> {
    const stores = STORES.slice(0, replicas).map(({ store }) => store);
    const before = await Promise.all(stores.map((store) => this.countStoredSamples(store)));
    const sent = count * NODES * SERIES * READINGS;
    for (let round = 0; round < count; round++, this.clock += 60_000) {
      for (let node = 0; node < NODES; node++) {
        const isRefused = hasRefusals && ++this.batches % BATCHES_IN_HUNDRED_BLOCKS === 0;
        const tooOld = isRefused ? `too_old{node="node-${node}"} 1 ${this.clock - 30 * 86_400_000}\n` : '';
        const body = `${tooOld}${renderSamples(node, this.clock)}`;
        await fetch(this.url('agent', '/api/v1/import/prometheus'), { method: 'POST', body });
      }
    }
    for (const [index, store] of stores.entries()) {
      const expected = (before[index] ?? 0) + sent;
      const isStored = async () => (await this.countStoredSamples(store)) >= expected;
      await eventually(`${expected} samples are in ${store}`, isStored, { seconds: 600, pauseMs: 500 });
    }
  }

  private async countStoredSamples(store: string): Promise<number> {
    const text = await this.fetchText(store, '/metrics');
    const sampleCount = (metric: string) =>
      Number(new RegExp(`^${metric}\\{type="float"\\} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    return sampleCount('prometheus_tsdb_head_samples_appended_total');
  }

  private url(name: string, path: string): string {
    return `http://127.0.0.1:${this.ports[name]}${path}`;
  }

  private async fetchText(name: string, path: string): Promise<string> {
    return (await fetch(this.url(name, path))).text();
  }

  private async waitUntilAnswering(name: string, path: string): Promise<void> {
    await eventually(`${name} answers`, async () => (await fetch(this.url(name, path))).ok);
  }

  private async startPrometheus(name: Store['store']): Promise<ChildProcess> {
    writeFileSync(
      join(this.folder, 'prometheus.yaml'),
      'storage: { tsdb: { out_of_order_time_window: 1d } }',
    );
    const child = this.start(program('prometheus'), [
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
      TARGET_URL: this.url(store, '/api/v1/write'),
      LISTEN_PORT: `${this.ports[filter]}`,
      METRICS_PORT: `${this.ports[metrics]}`,
    };
    const { args, env } = filterProgram(objects[replicas], join(this.folder, filter), changed, container);
    return this.start(program('node'), args, env);
  }

  private startLimiter({ replicas }: Way): ChildProcess {
    const { args, env } = limiterProgram(objects[replicas], join(this.folder, 'limiter'), {
      TARGET_URL: this.url('gateway', '/api/v1/write'),
      LISTEN_PORT: `${this.ports.limiter}`,
    });
    return this.start(program('node'), args, env);
  }

  private startGateway({ isFiltered, replicas }: Way): ChildProcess {
    const { args, env } = gatewayProgram(objects[replicas], {
      '-httpListenAddr': `127.0.0.1:${this.ports.gateway}`,
      '-remoteWrite.relabelConfig': `${this.folder}/relabel.yaml`,
      '-remoteWrite.tmpDataPath': `${this.folder}/queue`,
    });
    const urls = STORES.map(({ store, filter }) => this.url(isFiltered ? filter : store, '/api/v1/write'));
    const withUrls = args.map((arg) =>
      arg.startsWith('-remoteWrite.url=') ? `-remoteWrite.url=${urls.shift()}` : arg,
    );
    return this.start(program('vmagent'), withUrls, env);
  }

  /** Sends batches with the size of one node. */
  private startAgent({ isLimited }: Way): ChildProcess {
    return this.start(program('vmagent'), [
      `-httpListenAddr=127.0.0.1:${this.ports.agent}`,
      `-remoteWrite.url=${this.url(isLimited ? 'limiter' : 'gateway', '/api/v1/write')}`,
      '-remoteWrite.forceVMProto=true',
      '-remoteWrite.queues=1',
      `-remoteWrite.tmpDataPath=${this.folder}/agent`,
      `-remoteWrite.maxRowsPerBlock=${SERIES * READINGS}`,
    ]);
  }

  private start(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
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

/** User and system time, which the kernel counts in hundredths of a second. */
function cpuSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Returns the samples of a node for one minute. */
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

/** The programs of a replica of the gateway, in the order of the data path. */
const GATEWAY_PROGRAMS = ['series-limiter', 'vmagent', 'write-filter', 'write-filter-1'];

function printCosts(costs: ReadonlyMap<string, Cost>): void {
  const nanosecondsPerSample = ({ seconds, samples }: Cost, name: string) =>
    ((seconds[name] ?? 0) / samples) * 1e9;
  const gatewayCost = (cost: Cost) =>
    GATEWAY_PROGRAMS.reduce((sum, name) => sum + nanosecondsPerSample(cost, name), 0);
  const first = gatewayCost([...costs.values()][0] as Cost);
  console.log(`${NODES} nodes, ${TURNS} turns of ${rounds} batches of ${SERIES * READINGS} samples`);
  const table = new Table([
    ['CPU ns a sample', 23],
    ['limiter', 9],
    ['vmagent', 9],
    ['filter', 9],
    ['filter 2', 9],
    ['prometheus', 10],
    ['gateway', 9],
    ['to first', 9],
    ['nodes/core', 10],
    ['20k: cores', 10],
    ['requests translated', 20],
  ]);
  for (const [name, cost] of costs) {
    const { requests, translated } = cost;
    const each = [...GATEWAY_PROGRAMS, 'prometheus'].map((one) => nanosecondsPerSample(cost, one).toFixed(0));
    const gateway = gatewayCost(cost);
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
    await bench.run();
  } finally {
    await bench.stopAll();
  }
}

void runMain(runGatewayBench);
