/**
 * Measures the bytes of a node's log lines on the metered link, and the delay of the lines, for each log agent that an
 * environment variable names, in one run. Lines pass through TLS and Basic Auth to a real Loki. Every IP byte counts, in
 * both directions.
 *
 *   E2E_LOKI=... [E2E_FLUENT_BIT=...] [E2E_<ANOTHER AGENT>=...] npm run bench:logs [-- --check]
 *
 * All agents are measured side by side, each on its own stack. 1, 20 and 40 containers write lines of 136 bytes: first in
 * bursts of a thousand lines in 25 seconds, then steadily, one line every two seconds per container. After that there is
 * an outage, and each agent sends its backlog. An agent without a program is listed as NOT RUN. A run takes half an hour;
 * the steady lines of a single container take a thousand seconds of it. --bursts: leaves out the steady lines. --backlog:
 * instead measures how agents send 256 MiB of files of 20 containers, written in an outage, over a link of 1 Mbit/s.
 * --batch-wait 30s: sets another `sending.batchWait` of the agents. --check: exit code 1 if a result exceeds its target.
 * The benchmark needs the programs of the end-to-end tests.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Chart } from 'cdk8s';
import { type Duration, EdgeLogCollector, fromLoki, type LogAgent, Platform } from '../lib';
import { DEFAULT_LOG_BATCH_WAIT } from '../lib/contracts/log-sink';
import type { Pod } from '../test/runtime/pod';
import { eventually } from '../test/runtime/wait';
import { AGENTS_UNDER_TEST, GIVEN_AGENTS } from '../test/stacks/log-agents';
import { EDGE, ReferenceStack } from '../test/stacks/reference-stack';
import { parseArguments, runBenchWithPods, setFailedExitCode, Table } from './support/main';

const MOBILE_MTU = 1400;
const LINE_BYTES = 136;
const BACKLOG_LINES = 40_000;
/**
 * The backlog of a long outage on a slow link: size of its files in bytes, lines of each part, time limit in minutes,
 * and memory limit of the agent in MiB.
 */
const LONG_BACKLOG = {
  bytes: 256 * 2 ** 20,
  partLines: 2_000,
  link: { rate: '1mbit', bytesPerSecond: 125_000 },
  minutes: 30,
  memory: 96,
} as const;
/** Time in milliseconds for the last packets of a transfer, which follow the response. */
const CLOSING_MS = 1_000;
/** Minimum number of bytes in a second with log lines: a second with fewer bytes counts as idle. */
const IDLE_BYTES = 10_000;

/** The lines that containers write, and the target for a thousand of these lines. */
interface Row {
  readonly pace: 'burst' | 'steady';
  readonly containers: number;
  /**
   * Number of writes. Each write has `lines` lines for all containers together, and is followed by a pause of
   * `pauseSeconds`.
   */
  readonly rounds: number;
  readonly pauseSeconds: number;
  readonly lines: number;
  /** Maximum number of kilobytes that an agent may send per thousand lines. */
  readonly target: number;
}

/** Returns a row in which the containers together write a thousand lines in 25 seconds. */
const burstRow = (containers: number): Row => ({
  ...{ pace: 'burst', containers, rounds: 25, pauseSeconds: 1, lines: 40 },
  target: 50,
});

/** Returns a row in which each container writes a line every two seconds. */
const steadyRow = (containers: number, rounds: number, target: number): Row => ({
  ...{ pace: 'steady', containers, rounds, pauseSeconds: 2, lines: containers },
  target,
});

const BURSTS: readonly Row[] = [1, 20, 40].map(burstRow);
const STEADY: readonly Row[] = [steadyRow(1, 500, 250), steadyRow(20, 50, 60), steadyRow(40, 25, 60)];

const options = parseArguments({
  check: { type: 'boolean', default: false },
  bursts: { type: 'boolean', default: false },
  backlog: { type: 'boolean', default: false },
  'batch-wait': { type: 'string', default: DEFAULT_LOG_BATCH_WAIT },
});

/** Number of lines of a backlog, number of duplicates in Loki, and seconds until all lines were stored. */
interface Drained {
  readonly lines: number;
  readonly duplicates: number;
  readonly seconds: number;
  /** Bytes that were sent in each second. */
  readonly sent: readonly number[];
}

/** Bytes per thousand lines, sent and received, and delay of the last line in seconds. */
interface Cost {
  readonly sent: number;
  readonly received: number;
  readonly lastSeconds: number;
}

class Bench {
  private written = 0;

  private constructor(
    readonly name: string,
    private readonly stack: ReferenceStack,
    private readonly loki: Pod,
    private readonly agent: Pod,
  ) {}

  static async create(agent: LogAgent): Promise<Bench> {
    const stack = await ReferenceStack.create({ mtu: MOBILE_MTU });
    stack.cluster.apply(...synthesizeAgent(agent));
    const loki = await stack.startCloud('loki');
    return new Bench(agent.name, stack, loki, await stack.startEdge('edge-log-collector'));
  }

  destroy(): Promise<void> {
    return this.stack.destroy();
  }

  /** Writes the lines of a row, waits until Loki has stored them, and returns their cost. */
  async measureCost({ pace, containers, rounds, pauseSeconds, lines }: Row): Promise<Cost> {
    const text = `${pace}${containers}`;
    const areAllPartsStored = rounds * lines;
    // The agent discovers new files every ten seconds, so each file gets a line before the measurement.
    this.writeLines(text, containers, containers);
    await this.waitForLines(text, containers);
    const before = this.stack.edgeNode.uplink.traffic();
    for (let round = 0; round < rounds; round += 1) {
      this.writeLines(text, lines, containers);
      await sleep(pauseSeconds * 1_000);
    }
    const end = performance.now();
    await this.waitForLines(text, areAllPartsStored + containers);
    const lastSeconds = (performance.now() - end) / 1_000;
    await sleep(CLOSING_MS);
    const after = this.stack.edgeNode.uplink.traffic();
    const ofThousand = 1_000 / areAllPartsStored;
    return {
      sent: (after.sent - before.sent) * ofThousand,
      received: (after.received - before.received) * ofThousand,
      lastSeconds,
    };
  }

  /** Returns how many lines per second the agent sends after an outage. */
  async measureCatchUp(): Promise<number> {
    this.stack.edgeNode.uplink.cut();
    this.writeLines('backlog', BACKLOG_LINES, 20);
    await sleep(20_000);
    this.stack.edgeNode.uplink.restore();
    const start = performance.now();
    await this.waitForLines('backlog', BACKLOG_LINES);
    return BACKLOG_LINES / ((performance.now() - start) / 1_000);
  }

  /**
   * Measures how the agent sends 256 MiB of files over a slow link. The lines are in numbered parts, and the
   * measurement ends when all lines of each part are in Loki.
   */
  async measureBacklogDrain(): Promise<Drained> {
    const { uplink } = this.stack.edgeNode;
    uplink.limit(LONG_BACKLOG.link.rate);
    uplink.cut();
    let parts = 0;
    for (let size = 0; size < LONG_BACKLOG.bytes; parts += 1)
      size += this.writeLines(`drain-${parts}`, LONG_BACKLOG.partLines, 20);
    const lines = parts * LONG_BACKLOG.partLines;
    await sleep(20_000);
    uplink.restore();
    const start = performance.now();
    const meter = this.startUplinkMeter();
    let stored: number[] = [];
    const all = async () => {
      stored = await this.queryCounts(
        'sum by (part) (count_over_time({namespace="shop"} | regexp `"drain-(?P<part>[0-9]+) ` | part != "" [1h]))',
      );
      return stored.length === parts && stored.every((count) => count >= LONG_BACKLOG.partLines);
    };
    // Loki reads all lines to count them, so it is only asked every 15 seconds.
    const waiting = { seconds: LONG_BACKLOG.minutes * 60, pauseMs: 15_000 };
    await eventually(() => `Loki has stored ${lines} lines; it has ${sumOf(stored)}`, all, waiting);
    const seconds = (performance.now() - start) / 1_000;
    return { lines, duplicates: sumOf(stored) - lines, seconds, sent: meter.stop() };
  }

  /**
   * Starts to record the bytes that the node's uplink sends in each second. `stop` ends the recording and returns the
   * bytes.
   */
  private startUplinkMeter(): { stop(): number[] } {
    const { uplink } = this.stack.edgeNode;
    const sent: number[] = [];
    let last = uplink.traffic().sent;
    const timer = setInterval(() => {
      const now = uplink.traffic().sent;
      sent.push(now - last);
      last = now;
    }, 1_000);
    const stopMeter = () => {
      clearInterval(timer);
      return sent;
    };
    return { stop: stopMeter };
  }

  /** Returns the peak resident memory of the agent since its start in bytes, or NaN if the agent has no container. */
  peakResidentBytes(): number {
    return this.agent.containers[0]?.memory.residentPeak ?? Number.NaN;
  }

  /** Writes log lines to the files of the containers in turn, and returns the total size of the lines in bytes. */
  private writeLines(text: string, lines: number, containers: number): number {
    const texts = Array.from({ length: containers }, () => '');
    for (let line = 0; line < lines; line += 1) {
      this.written += 1;
      const nanoseconds = String(this.written % 1e6).padStart(6, '0');
      const time = new Date().toISOString().replace('Z', `${nanoseconds}Z`);
      const random = Math.random().toString(16).slice(2, 12);
      const said = `level=info msg="${text} request handled" path=/api/v1/orders/${random} status=200 duration=${Math.random()}`;
      texts[line % containers] += `${time} stdout F ${said.padEnd(LINE_BYTES, '.').slice(0, LINE_BYTES)}\n`;
    }
    texts.forEach((written, container) => {
      const file = this.stack.edgeNode.path(`/var/log/pods/shop_web-${container}_1a2b/main/0.log`);
      mkdirSync(dirname(file), { recursive: true });
      appendFileSync(file, written);
    });
    return texts.join('').length;
  }

  private async waitForLines(text: string, lines: number): Promise<void> {
    const query = `sum(count_over_time({namespace="shop"} |= "\\"${text} "[1h]))`;
    await eventually(
      `Loki has stored ${lines} lines with "${text}"`,
      async () => sumOf(await this.queryCounts(query)) >= lines,
      {
        seconds: 300,
      },
    );
  }

  private async queryCounts(query: string): Promise<number[]> {
    const path = `:3100/loki/api/v1/query?query=${encodeURIComponent(query)}`;
    const { body } = await this.stack.fromCloud(this.loki, path);
    const series: { value: [number, string] }[] = JSON.parse(body).data.result;
    return series.map(({ value }) => Number(value[1]));
  }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function synthesizeAgent(agent: LogAgent) {
  const chart = new Chart(new App(), 'logs', { namespace: EDGE });
  Platform.define(chart, { cluster: 'reference' });
  const sink = fromLoki({ host: 'logs.edge.example.com', credentialsSecretName: 'logs-credentials' });
  // The construct validates the value.
  const batchWait = options['batch-wait'] as Duration;
  new EdgeLogCollector(chart, 'collector', { agent, sink, sending: { batchWait } });
  return chart.toJson();
}

/** Prints the costs of each row by agent, and returns whether all targets are met. */
async function measureRows(benches: readonly Bench[]): Promise<boolean> {
  let within = true;
  const table = new Table([
    ['agent', 12],
    ['pace', 6],
    ['containers', 10],
    ['kB sent', 8],
    ['kB received', 11],
    ['last line after s', 17],
  ]);
  for (const row of options.bursts ? BURSTS : [...BURSTS, ...STEADY]) {
    const costs = await Promise.all(benches.map((bench) => bench.measureCost(row)));
    for (const [index, { sent, received, lastSeconds }] of costs.entries()) {
      const figures = [sent / 1e3, received / 1e3, lastSeconds].map((figure) => figure.toFixed(1));
      within &&= sent / 1e3 <= row.target;
      table.addRow(benches[index]?.name ?? '', row.pace, row.containers, ...figures);
    }
  }
  const rates = await Promise.all(benches.map((bench) => bench.measureCatchUp()));
  for (const [index, bench] of benches.entries()) {
    const memory = (bench.peakResidentBytes() / 2 ** 20).toFixed(1);
    console.log(
      `${bench.name}: ${rates[index]?.toFixed(0)} lines per second after an outage, peak memory of ${memory} MiB`,
    );
  }
  return within;
}

/** Prints how an agent sends a long backlog, and returns whether the agent stays within its memory limit. */
async function measureBacklog(bench: Bench): Promise<boolean> {
  const { lines, duplicates, seconds, sent } = await bench.measureBacklogDrain();
  const memory = bench.peakResidentBytes() / 2 ** 20;
  const { rate, bytesPerSecond } = LONG_BACKLOG.link;
  const isBusy = (bytes: number) => bytes >= IDLE_BYTES;
  const busy = sent.slice(sent.findIndex(isBusy), sent.findLastIndex(isBusy) + 1);
  const share = sumOf(busy) / (busy.length * bytesPerSecond);
  console.log(
    `${bench.name}: ${lines} lines over ${rate}/s in ${seconds.toFixed(0)} s, ${duplicates} duplicates in Loki, ${(sumOf(sent) / 1e6).toFixed(1)} MB sent, peak memory of ${memory.toFixed(1)} MiB`,
  );
  console.log(
    `${bench.name}: started to send after ${sent.findIndex(isBusy)} s, sent for ${busy.length} s (${busy.filter((bytes) => !isBusy(bytes)).length} s idle), used ${(100 * share).toFixed(0)} % of the link`,
  );
  return memory <= LONG_BACKLOG.memory;
}

async function runLogsBench(): Promise<void> {
  if (!process.env.E2E_LOKI || !GIVEN_AGENTS.length) {
    const variables = AGENTS_UNDER_TEST.map(({ variable }) => variable).join(', ');
    throw new Error(
      `environment variables are missing: set E2E_LOKI and at least one of ${variables} to the path of the program`,
    );
  }
  const benches: Bench[] = [];
  try {
    // Agents start one after the other, because starting is CPU-bound.
    for (const { agent } of GIVEN_AGENTS) benches.push(await Bench.create(agent));
    console.log(
      `all IP bytes per thousand lines of ${LINE_BYTES} bytes, MTU ${MOBILE_MTU}, a batch every ${options['batch-wait']}`,
    );
    for (const { agent, variable } of AGENTS_UNDER_TEST)
      if (!process.env[variable]) console.log(`${agent.name}: NOT RUN, set ${variable}`);
    const within = options.backlog
      ? (await Promise.all(benches.map(measureBacklog))).every(Boolean)
      : await measureRows(benches);
    if (options.check && !within) setFailedExitCode();
  } finally {
    await Promise.all(benches.map((bench) => bench.destroy()));
  }
}

void runBenchWithPods(runLogsBench);
