import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { App, Chart } from 'cdk8s';
import { alloy, EdgeLogCollector, fluentBit, fromLoki, type LogAgent, Platform, promtail } from '../../lib';
import type { Manifest } from '../support/manifests';
import type { Pod } from './runtime/pod';
import type { OPTIONAL } from './runtime/programs';
import { htpasswd, secret } from './runtime/secrets';
import { eventually } from './runtime/wait';
import { CLOUD, EDGE, ReferenceStack } from './stack';

/** Of which each writes as many lines as a test tells it to. */
export const CONTAINERS = 20;

/** Namespace of containers whose events have several lines, of which the first begins with this. */
export const EVENTS = 'events';
export const FIRST_LINE = 'EVENT';

/** A log agent, and the variable that names its program. */
export interface AgentUnderTest {
  readonly name: string;
  readonly variable: (typeof OPTIONAL)[number];
  readonly make: () => LogAgent;
}

const FLUENT_BIT: AgentUnderTest = { name: 'Fluent Bit', variable: 'E2E_FLUENT_BIT', make: fluentBit };
const OTHERS: readonly AgentUnderTest[] = [
  { name: 'Alloy', variable: 'E2E_ALLOY', make: alloy },
  { name: 'Promtail', variable: 'E2E_PROMTAIL', make: promtail },
];

/** Runs a suite for each log agent that is given, and names those that are not: no package of Debian has them. */
export function ofEachAgent(what: string, suite: (agent: AgentUnderTest) => void): void {
  for (const agent of [FLUENT_BIT, ...OTHERS]) {
    const missing = ['E2E_LOKI', agent.variable].filter((variable) => !process.env[variable]);
    if (missing.length) test.todo(`${agent.name} ${what}: NOT RUN, set ${missing.join(' and ')}`);
    else describe(agent.name, () => suite(agent));
  }
}

/** Containers that write lines, a log agent beside them, and a Loki that is asked what arrived. */
export class LogStack {
  private lastTime = 0;
  private fences = 0;
  private password: string;

  static async create(agent: AgentUnderTest, prepare: (stack: ReferenceStack) => void = () => {}) {
    const stack = await ReferenceStack.create();
    stack.cluster.apply(...collector(agent.make()));
    prepare(stack);
    const loki = await stack.startCloud('loki');
    return new LogStack(stack, agent, loki, await stack.startEdge('edge-log-collector'));
  }

  private constructor(
    readonly stack: ReferenceStack,
    private readonly under: AgentUnderTest,
    readonly loki: Pod,
    readonly pod: Pod,
  ) {
    this.password = stack.credentials.password;
  }

  destroy(): Promise<void> {
    return this.stack.destroy();
  }

  get uplink() {
    return this.stack.edgeNode.uplink;
  }

  /** The container of the agent itself. */
  get agent() {
    return this.pod.container(this.under.make().name);
  }

  /** How often the reloader has seen the agent take new files. */
  get reloads(): number {
    const { logs } = this.pod.container('config-reloader');
    return logs.filter((line) => line.includes('Z reloaded:')).length;
  }

  folder(container: number, namespace = 'many'): string {
    return this.stack.edgeNode.path(`/var/log/pods/${namespace}_pod-${container}_1c2d/main`);
  }

  /** Writes so many lines for each container, by the name of the text and a number. */
  write(text: string, lines: number): void {
    const all = Array.from({ length: lines }, (_, line) => `${text} ${line}`);
    for (let container = 0; container < CONTAINERS; container += 1) this.append(container, all);
  }

  /** Writes lines as the CRI does, each later than all before. */
  append(container: number, lines: readonly (string | Buffer)[], namespace = 'many'): void {
    const folder = this.folder(container, namespace);
    mkdirSync(folder, { recursive: true });
    const parts = lines.flatMap((line) => [
      Buffer.from(`${this.time()} stdout F `),
      Buffer.from(line),
      Buffer.from('\n'),
    ]);
    appendFileSync(join(folder, '0.log'), Buffer.concat(parts));
  }

  /** As the kubelet rotates: it compresses what it rotated before, and gives the file another name. */
  rotate(stamp: string): void {
    for (let container = 0; container < CONTAINERS; container += 1) {
      const folder = this.folder(container);
      for (const name of readdirSync(folder).filter((one) => /^0\.log\.\d+-\d+$/.test(one))) {
        const file = join(folder, name);
        writeFileSync(`${file}.tmp`, gzipSync(readFileSync(file)));
        renameSync(`${file}.tmp`, `${file}.gz`);
        unlinkSync(file);
      }
      renameSync(join(folder, '0.log'), join(folder, `0.log.${stamp}`));
    }
  }

  /** Files of containers that were deleted while the agent had them open. */
  heldFiles(): string[] {
    const pids = readFileSync(this.agent.memory.processes, 'utf8').match(/\d+/g) ?? [];
    return pids.flatMap((pid) => {
      const folder = `/proc/${pid}/fd`;
      return readdirSync(folder)
        .map((fd) => linkAt(join(folder, fd)))
        .filter((target) => /\.log.* \(deleted\)$/.test(target));
    });
  }

  /** Whether Fluent Bit reads nothing, as too much waits to be sent. */
  async isPaused(): Promise<boolean> {
    const url = 'http://127.0.0.1:12345/api/v2/metrics/prometheus';
    const { stdout } = await this.pod.container('config-reloader').exec('/usr/bin/curl', '-s', url);
    return /^fluentbit_input_ingestion_paused\{name="tail.0"\} 1$/m.test(stdout);
  }

  /** Changes what is mounted so that the agent has to read it again, and means the same. */
  touchConfiguration(): void {
    const config = this.stack.cluster.object('ConfigMap', EDGE, 'edge-log-collector-config');
    const data: Record<string, string> = config.data ?? {};
    const [[file, text] = ['', '']] = Object.entries(data).filter(([name]) => !name.endsWith('.lua'));
    const comment = file.endsWith('.alloy') ? '//' : '#';
    this.stack.cluster.apply({ ...config, data: { ...data, [file]: `${text}${comment} changed\n` } });
  }

  /** Changes the password on both sides. */
  changePassword(password: string): void {
    const { stack } = this;
    this.password = password;
    const auth = htpasswd({ ...stack.credentials, password });
    stack.cluster.apply(secret(CLOUD, 'logs-users', { auth }));
    stack.setClientPassword(password);
  }

  /** Has the agent push with a password that nobody has. */
  breakPassword(): void {
    this.stack.setClientPassword('wrong');
  }

  /** Has the agent push with the right password again. */
  mendPassword(): void {
    this.stack.setClientPassword(this.password);
  }

  /** Lines in Loki by container, as the query selects and filters them. */
  async counts(selection: string): Promise<number[]> {
    const query = `sum by (pod) (count_over_time(${selection}[1h]))`;
    const path = `:3100/loki/api/v1/query?query=${encodeURIComponent(query)}`;
    const { body } = await this.stack.fromCloud(this.loki, path);
    return JSON.parse(body).data.result.map(({ value }: { value: [number, string] }) => Number(value[1]));
  }

  /** Lines themselves, with their labels. */
  async stored(selection: string): Promise<{ labels: Record<string, string>; line: string }[]> {
    const path = `:3100/loki/api/v1/query_range?limit=5000&since=1h&query=${encodeURIComponent(selection)}`;
    const { body } = await this.stack.fromCloud(this.loki, path);
    return JSON.parse(body).data.result.flatMap(
      ({ stream, values }: { stream: Record<string, string>; values: [string, string][] }) =>
        values.map(([, line]) => ({ labels: stream, line })),
    );
  }

  /** Waits until each container has all lines of a text in Loki, and none twice. */
  async arrive(text: string, lines: number, seconds = 150): Promise<void> {
    let seen: number[] = [];
    await eventually(
      () => `${lines} lines of ${text} of ${CONTAINERS} containers are in Loki; there are ${seen}`,
      async () => {
        seen = await this.counts(written(text));
        return seen.length === CONTAINERS && seen.every((count) => count >= lines);
      },
      { seconds },
    );
    expect(seen).toEqual(Array(CONTAINERS).fill(lines));
  }

  /**
   * Counts the lines of a text that each container wrote, and prints it. Fluent Bit has to bring all of them; of others
   * docs/logs.md says which they lose, and what they still bring has arrived when lines that are written now have.
   */
  async account(what: string, text: string, lines: number, seconds = 150): Promise<void> {
    if (this.under === FLUENT_BIT) await this.arrive(text, lines, seconds);
    else {
      const fence = `fence-${++this.fences}`;
      this.write(fence, 1);
      await this.arrive(fence, 1, seconds);
    }
    const stored = (await this.counts(written(text))).reduce((sum, count) => sum + count, 0);
    report(this.under.name, what, lines * CONTAINERS, stored);
    expect(stored).toBeLessThanOrEqual(lines * CONTAINERS);
  }

  report(what: string, lines: number, stored: number): void {
    report(this.under.name, what, lines, stored);
  }

  /** Nanoseconds that no line before had. */
  private time(): string {
    this.lastTime = Math.max(this.lastTime + 1, Date.now() * 1_000);
    const milliseconds = Math.floor(this.lastTime / 1_000);
    const micros = String(this.lastTime % 1_000).padStart(3, '0');
    return new Date(milliseconds).toISOString().replace('Z', `${micros}000Z`);
  }
}

const written = (text: string): string => `{namespace="many"} |= "${text} "`;

function report(agent: string, what: string, lines: number, stored: number): void {
  process.stdout.write(`${agent} | ${what} | ${lines} | ${stored}\n`);
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // It was closed meanwhile.
  }
}

/** The reference environment's collector with another agent, for events of several lines too. */
function collector(agent: LogAgent): Manifest[] {
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  const chart = new Chart(new App(), 'logs', { namespace: EDGE });
  Platform.define(chart, { cluster: 'reference' });
  new EdgeLogCollector(chart, 'collector', {
    agent,
    multiline: [{ namespace: EVENTS, firstLine: `^${FIRST_LINE} ` }],
    sink: fromLoki({ host: 'logs.edge.example.com', credentialsSecretName: 'logs-credentials' }),
  });
  warn.mockRestore();
  return chart.toJson();
}
