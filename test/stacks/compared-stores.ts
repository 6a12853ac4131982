import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../runtime/free-port';
import { spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import type { Answer, Labels } from '../support/query-answers';
import { type Series, writeRequest } from '../support/write-request';

/** A query of samples that are over, in seconds since 1970: at one moment, or at each step of a span. */
export interface Query {
  readonly expr: string;
  readonly from: number;
  /** @default - only the moment `from` */
  readonly to?: number;
  /** Seconds between two points of a span. @default 60 */
  readonly step?: number;
}

const SERIES_OF_REQUEST = 1_000;

/** `step` of vmalert (-datasource.queryStep), and of VictoriaMetrics itself where none is given. */
const INSTANT_STEP = '300';

/** A Prometheus and a VictoriaMetrics that are given the same samples. */
export class ComparedStores {
  private isFlushed = true;

  private constructor(
    private readonly children: readonly ChildProcess[],
    private readonly prometheus: string,
    private readonly victoriaMetrics: string,
  ) {}

  /** @param flags of VictoriaMetrics, in addition to its address, folder and retention */
  static async start(folder: string, flags: readonly string[]): Promise<ComparedStores> {
    const [prometheus, victoriaMetrics] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const config = join(folder, 'prometheus.yaml');
    writeFileSync(config, JSON.stringify({ storage: { tsdb: { out_of_order_time_window: '100y' } } }));
    const commands = [
      [
        'prometheus',
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'prometheus')}`,
        '--storage.tsdb.retention.time=100y',
        '--web.enable-remote-write-receiver',
        `--web.listen-address=${prometheus}`,
      ],
      [
        'victoria-metrics',
        `-httpListenAddr=${victoriaMetrics}`,
        `-storageDataPath=${join(folder, 'victoria-metrics')}`,
        '-retentionPeriod=100y',
        ...flags,
      ],
    ];
    const children = commands.map((command) => spawnKilledWithParent(command, { stdio: 'ignore' }));
    const isReady = async (url: string) => (await fetch(url)).ok;
    await eventually('Prometheus is ready', () => isReady(`http://${prometheus}/-/ready`));
    await eventually('VictoriaMetrics is ready', () => isReady(`http://${victoriaMetrics}/health`));
    return new ComparedStores(children, `http://${prometheus}`, `http://${victoriaMetrics}`);
  }

  async stop(): Promise<void> {
    for (const child of this.children) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  }

  /**
   * Writes the same requests to both.
   * @throws Error when one of them refuses a request.
   */
  async write(all: readonly Series[]): Promise<void> {
    const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    for (let at = 0; at < all.length; at += SERIES_OF_REQUEST) {
      const body = new Uint8Array(writeRequest(all.slice(at, at + SERIES_OF_REQUEST)));
      const urls = [this.prometheus, this.victoriaMetrics].map((url) => `${url}/api/v1/write`);
      await Promise.all(
        urls.map(async (url) => {
          const answer = await fetch(url, { method: 'POST', headers, body });
          if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
        }),
      );
    }
    this.isFlushed = false;
  }

  /** Asks both. @throws Error when one of them refuses the query. */
  async ask(query: Query): Promise<{ readonly prometheus: Answer; readonly victoriaMetrics: Answer }> {
    if (!this.isFlushed) await fetch(`${this.victoriaMetrics}/internal/force_flush`);
    this.isFlushed = true;
    const [prometheus, victoriaMetrics] = await Promise.all([
      ask(this.prometheus, query),
      ask(this.victoriaMetrics, query),
    ]);
    return { prometheus, victoriaMetrics };
  }

  /** @throws Error when it refuses the query. */
  askPrometheus(query: Query): Promise<Answer> {
    return ask(this.prometheus, query);
  }
}

interface Result {
  readonly metric: Labels;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

async function ask(url: string, { expr, from, to, step = 60 }: Query): Promise<Answer> {
  const asked: Record<string, string> =
    to === undefined
      ? { query: expr, time: `${from}`, step: INSTANT_STEP }
      : { query: expr, start: `${from}`, end: `${to}`, step: `${step}` };
  const answer = await fetch(`${url}/api/v1/query${to === undefined ? '' : '_range'}`, {
    method: 'POST',
    body: new URLSearchParams(asked),
  });
  const { data, error } = (await answer.json()) as { data?: { result: Result[] }; error?: string };
  if (!data) throw new Error(`${url} refuses ${expr}: ${error}`);
  return data.result.map(({ metric, value, values = value ? [value] : [] }) => ({
    labels: metric,
    values: new Map(values.map(([time, text]) => [time, Number(text.replace('Inf', 'Infinity'))])),
  }));
}
