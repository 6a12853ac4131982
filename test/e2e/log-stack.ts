import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { EdgeLogCollector, fromLoki, type LogAgent, Platform } from '../../lib';
import { defaultLogAgent } from '../../lib/agents/log-agents';
import type { Pod } from '../runtime/pod';
import { htpasswd, secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { type LogAgentState, logAgentState, sumOfSeries } from '../stacks/log-agent-state';
import { AGENTS_UNDER_TEST, type AgentUnderTest } from '../stacks/log-agents';
import { LokiClient, type StoredLine } from '../stacks/loki-client';
import { CLOUD, EDGE, ReferenceStack } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';
import { CONTAINERS, ContainerLogs } from './container-logs';

/** Log lines of Alloy and of Promtail about a request to reload. */
const RELOAD_REQUEST = /reload requested via|msg="(Reloading configuration file|Error reloading config)"/;
/** The longest pause between two attempts to send, of each agent. */
const LONGEST_PAUSE = /(?<=scheduler\.cap: |max_period: |max_backoff_period *= ")60/;

/** Namespace of containers with multi-line events, whose first line starts with this. */
export const EVENTS = 'events';
export const FIRST_LINE = 'EVENT';

export type { AgentUnderTest };

/** Runs a suite for each configured log agent, and names the others. */
export function ofEachAgent(what: string, suite: (agent: AgentUnderTest) => void): void {
  for (const agent of AGENTS_UNDER_TEST) {
    const missing = ['E2E_LOKI', agent.variable].filter((variable) => !process.env[variable]);
    if (missing.length) test.todo(`${agent.name} ${what}: NOT RUN, set ${missing.join(' and ')}`);
    else describe(agent.name, () => suite(agent));
  }
}

/** Containers that write lines, a log agent beside them, and a Loki for queries. */
export class LogStack {
  readonly files: ContainerLogs;
  private readonly client: LokiClient;
  private fences = 0;
  private login: { readonly username: string; readonly password: string };

  static async create(agent: AgentUnderTest, prepare: (stack: ReferenceStack) => void = () => {}) {
    const stack = await ReferenceStack.create();
    stack.cluster.apply(...collector(agent.agent));
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
    this.files = new ContainerLogs(stack.edgeNode);
    this.client = new LokiClient(stack.node('cloud-1').namespace, loki);
    this.login = stack.credentials;
  }

  destroy(): Promise<void> {
    return this.stack.destroy();
  }

  get uplink() {
    return this.stack.edgeNode.uplink;
  }

  /** The container of the agent itself. */
  get agent() {
    return this.pod.container(this.under.agent.name);
  }

  /** Number of agent reloads that the reloader has seen. */
  get reloads(): number {
    const { logs } = this.pod.container('config-reloader');
    return logs.filter((line) => line.includes('Z reloaded:')).length;
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
    return /^fluentbit_input_ingestion_paused\{name="tail.0"\} 1$/m.test(await this.metrics());
  }

  /** What the agent has read since its start, and tries to send. */
  async agentState(): Promise<LogAgentState> {
    return logAgentState(this.under.agent, await this.metrics());
  }

  /** The agent's backlog in bytes, by the expression of rules and dashboards. */
  async backlog(): Promise<number> {
    const text = await this.metrics();
    const expression = this.under.agent.metrics?.backlog((name) => `${sumOfSeries(text, name)}`);
    return new Function('clamp_min', `return ${expression}`)(Math.max);
  }

  private async metrics(): Promise<string> {
    const { path } = this.under.agent.metrics ?? { path: '' };
    const url = `http://127.0.0.1:12345${path}`;
    const { stdout } = await this.pod.container('config-reloader').exec('/usr/bin/curl', '-s', url);
    return stdout;
  }

  /** Writes lines of each container, and waits until the agent has read them. */
  async writeUntilRead(write: () => void, lines: number): Promise<void> {
    const before = (await this.agentState()).lines;
    write();
    let read = 0;
    await eventually(
      () => `the agent reads ${lines} lines; it has read ${read}`,
      async () => {
        read = (await this.agentState()).lines - before;
        return read >= lines;
      },
      { progress: () => read },
    );
  }

  /** Writes lines of each container, and waits until the agent has read them and tries to send, in vain. */
  async writeUntilHeld(text: string, lines: number): Promise<void> {
    await this.writeUntilRead(() => this.files.write(text, lines), lines * CONTAINERS);
    await eventually('the agent tries to send', async () => (await this.agentState()).unsent > 0);
  }

  /** Waits until the agent has sent all batches. */
  async waitUntilSent(): Promise<void> {
    await eventually('the agent has sent what it read', async () => (await this.agentState()).unsent === 0);
  }

  /** Number of requests to reload that the agent itself has logged. */
  get reloadRequests(): number {
    return this.agent.logs.filter((line) => RELOAD_REQUEST.test(line)).length;
  }

  /** Changes the longest pause between two attempts to send, so that the agent has to reload. */
  changeConfiguration(): void {
    const config = this.stack.cluster.object('ConfigMap', EDGE, 'edge-log-collector-config');
    const data: Record<string, string> = config.data ?? {};
    const changed = Object.entries(data).map(([file, text]) => [file, text.replace(LONGEST_PAUSE, '61')]);
    this.stack.cluster.apply({ ...config, data: Object.fromEntries(changed) });
  }

  /** Changes the password of the agent's user on both sides. */
  changePassword(password: string): void {
    this.login = { ...this.login, password };
    this.stack.cluster.apply(secret(CLOUD, 'logs-users', { auth: htpasswd(this.login) }));
    this.pushAs(this.login);
  }

  /** Has the agent push as another user, while both are valid: as `credentials --rotate` does. */
  changeUser(username: string, password: string): void {
    const before = this.login;
    this.login = { username, password };
    const auth = htpasswd(before) + htpasswd(this.login);
    this.stack.cluster.apply(secret(CLOUD, 'logs-users', { auth }));
    this.pushAs(this.login);
  }

  /** Returns whether pushes of a user were accepted. */
  hasPushed(username: string): boolean {
    return this.stack.ingress.accessLog.some(
      (line) => line.includes(` - ${username} [`) && / 204 /.test(line),
    );
  }

  /** Number of pushes that were answered with this status. */
  pushesWith(status: number): number {
    return this.stack.ingress.accessLog.filter((line) => line.includes(`push HTTP/1.1" ${status} `)).length;
  }

  /** Sets an invalid password for the agent. */
  breakPassword(): void {
    this.pushAs({ ...this.login, password: 'wrong' });
  }

  /** Has the agent push with the right password again. */
  mendPassword(): void {
    this.pushAs(this.login);
  }

  private pushAs(login: { readonly username: string; readonly password: string }): void {
    this.stack.cluster.apply(secret(EDGE, 'logs-credentials', { ...login }));
  }

  /** Lines in Loki by container, as the query selects and filters them. */
  counts(selection: string): Promise<number[]> {
    return this.client.values(`sum by (pod) (count_over_time(${selection}[1h]))`);
  }

  /** Returns lines of the last hours with their labels. */
  stored(selection: string, hours?: number): Promise<StoredLine[]> {
    return this.client.lines(selection, hours);
  }

  /** Waits until each container has all lines of a text in Loki, as long as more arrive, and none twice. */
  async arrive(text: string, lines: number, seconds = 150): Promise<void> {
    let seen: number[] = [];
    await eventually(
      () => `${lines} lines of ${text} of ${CONTAINERS} containers are in Loki; there are ${seen}`,
      async () => {
        seen = await this.counts(written(text));
        return seen.length === CONTAINERS && seen.every((count) => count >= lines);
      },
      { seconds, progress: () => seen },
    );
    expect(seen).toEqual(Array(CONTAINERS).fill(lines));
  }

  /**
   * Counts the lines with a text by container, and prints the result. The default agent has to deliver all of them;
   * docs/logs.md lists losses of others, whose lines have arrived when newer ones have.
   */
  async account(what: string, text: string, lines: number, seconds = 150): Promise<void> {
    if (this.under.agent.name === defaultLogAgent().name) await this.arrive(text, lines, seconds);
    else {
      const fence = `fence-${++this.fences}`;
      this.files.write(fence, 1);
      await this.arrive(fence, 1, seconds);
    }
    const stored = (await this.counts(written(text))).reduce((sum, count) => sum + count, 0);
    report(this.under.name, what, lines * CONTAINERS, stored);
    expect(stored).toBeLessThanOrEqual(lines * CONTAINERS);
  }

  report(what: string, lines: number, stored: number): void {
    report(this.under.name, what, lines, stored);
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
    // Longer than a busy machine takes to read an event.
    multiline: [{ namespace: EVENTS, firstLine: `^${FIRST_LINE} `, maxWait: '10s' }],
    sink: fromLoki({ host: 'logs.edge.example.com', credentialsSecretName: 'logs-credentials' }),
  });
  warn.mockRestore();
  return chart.toJson();
}
