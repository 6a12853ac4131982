import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnKilledWithParent } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import type { SeriesPlan } from './fleet-series';
import { processCpuSeconds } from './processes';

/** Default evaluation interval of rule groups in seconds. */
const EVALUATION_SECONDS = 20;

/** Maximum time in seconds until all rules are evaluated. The longest interval of a group is five minutes. */
const MOST_EVALUATION_SECONDS = 420;

/** Options for `RuledPrometheus`. */
interface RuledOptions {
  /** Default evaluation interval of rule groups in seconds. @default 20 */
  readonly evaluationSeconds?: number;
  /** Remote-write URLs of other stores that receive the same samples. @default - only this Prometheus */
  readonly alsoWrittenTo?: readonly string[];
}

/** A Prometheus that evaluates rules, and a vmagent that writes samples to it. */
export class RuledPrometheus {
  private readonly address: string;
  private readonly agent: string;
  private store?: ChildProcess;

  /**
   * @param folder folder for data and configuration, which is created
   * @param port port of Prometheus; vmagent uses the next port
   */
  constructor(
    private readonly folder: string,
    port: number,
    private readonly options: RuledOptions = {},
  ) {
    this.address = `127.0.0.1:${port}`;
    this.agent = `127.0.0.1:${port + 1}`;
    mkdirSync(join(folder, 'rules'), { recursive: true });
  }

  /** CPU seconds that Prometheus has used since its start. */
  get cpuSeconds(): number {
    return processCpuSeconds(this.store?.pid ?? 0);
  }

  private get evaluationSeconds(): number {
    return this.options.evaluationSeconds ?? EVALUATION_SECONDS;
  }

  async start(): Promise<void> {
    const { folder, address, agent, evaluationSeconds } = this;
    const config = {
      global: { evaluation_interval: `${evaluationSeconds}s` },
      storage: { tsdb: { out_of_order_time_window: '2d' } },
      rule_files: [join(folder, 'rules/*.yaml')],
    };
    writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config));
    const store = [
      ...['prometheus', `--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`],
      ...['--web.enable-remote-write-receiver', `--web.listen-address=${address}`],
      '--web.enable-lifecycle',
    ];
    const writer = [
      ...['vmagent', `-remoteWrite.url=http://${address}/api/v1/write`, '-remoteWrite.forcePromProto=true'],
      ...[`-remoteWrite.tmpDataPath=${folder}/queue`, '-remoteWrite.queues=1', `-httpListenAddr=${agent}`],
      ...['-import.maxLineLen=64MB', '-enableMetadata=false'],
      ...(this.options.alsoWrittenTo ?? []).map((url) => `-remoteWrite.url=${url}`),
    ];
    [this.store] = [store, writer].map((command) => spawnKilledWithParent(command, { stdio: 'ignore' }));
    for (const url of [`${address}/-/ready`, `${agent}/health`]) {
      await eventually(`${url} answers`, async () => (await fetch(`http://${url}`)).ok);
    }
  }

  /** Writes the samples of series up to the present time. @returns the number of samples */
  async writePastSamples(plans: readonly SeriesPlan[]): Promise<number> {
    const now = Date.now() / 1_000;
    const body = plans.map((plan) => renderSeriesLine(plan, now)).join('\n');
    const { status } = await fetch(`http://${this.agent}/api/v1/import`, { method: 'POST', body });
    if (status !== 204) throw new Error(`vmagent refused the samples with status ${status}`);
    return plans.reduce((sum, { seconds, step }) => sum + Math.ceil(seconds / step), 0);
  }

  async queryValue(expr: string): Promise<number> {
    const [first] = await this.runQuery(expr, Date.now() / 1_000);
    return Number(first?.value[1] ?? 0);
  }

  /**
   * Starts the evaluation of rules, and waits until all of them are evaluated.
   * @param files rule files by their name
   */
  async startRules(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, 'rules', name), text);
    await this.reloadConfiguration();
    let unhealthy: string[] = [];
    const isEvaluated = async () => {
      unhealthy = await this.unhealthyRules();
      return unhealthy.length === 0;
    };
    const limits = { seconds: MOST_EVALUATION_SECONDS, pauseMs: 1_000 };
    await eventually('all rules are evaluated', isEvaluated, limits).catch((error: Error) => {
      throw new Error(`${error.message}: ${unhealthy.slice(0, 3).join('; ')}`);
    });
    // Rules that read the results of other rules need another interval.
    await new Promise((resolve) => setTimeout(resolve, 2_000 * this.evaluationSeconds));
  }

  /** Stops the evaluation of rules. @returns the time in seconds since 1970 at which the results of all rules exist */
  async stopRules(): Promise<number> {
    const at = Date.now() / 1_000;
    rmSync(join(this.folder, 'rules'), { recursive: true });
    await this.reloadConfiguration();
    return at;
  }

  /**
   * Evaluates expressions one after the other, and returns the CPU seconds of Prometheus meanwhile.
   * @param at evaluation time in seconds since 1970
   */
  async measureQueryCpuSeconds(expressions: readonly string[], at: number): Promise<number> {
    const before = this.cpuSeconds;
    for (const expr of expressions) await this.runQuery(expr, at);
    return this.cpuSeconds - before;
  }

  private async reloadConfiguration(): Promise<void> {
    const { ok } = await fetch(`http://${this.address}/-/reload`, { method: 'POST' });
    if (!ok) throw new Error('Prometheus refused to reload its configuration');
  }

  /** Returns the rules that are not evaluated yet or have failed, each with its error. */
  private async unhealthyRules(): Promise<string[]> {
    const { data } = (await (await fetch(`http://${this.address}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    };
    return data.groups.flatMap(({ rules }) =>
      rules.flatMap(({ name, health, lastError }) =>
        health === 'ok' ? [] : [`${name} is ${health}${lastError ? `, ${lastError}` : ''}`],
      ),
    );
  }

  private async runQuery(expr: string, at: number): Promise<{ value: [number, string] }[]> {
    const body = new URLSearchParams({ query: expr, time: `${at}` });
    const answer = await fetch(`http://${this.address}/api/v1/query`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`${expr}: ${await answer.text()}`);
    return ((await answer.json()) as { data: { result: [] } }).data.result;
  }
}

/**
 * Renders a series as one line in the JSON import format of VictoriaMetrics.
 * @param now time of the last sample in seconds since 1970
 */
function renderSeriesLine({ labels, seconds, step, at }: SeriesPlan, now: number): string {
  const count = Math.ceil(seconds / step);
  const timestamps = Array.from({ length: count }, (_, index) =>
    Math.round((now - (count - 1 - index) * step) * 1_000),
  );
  return JSON.stringify({ metric: labels, values: timestamps.map((time) => at(time / 1_000)), timestamps });
}
