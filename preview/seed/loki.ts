import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { spawnMortal } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import { CLUSTER, NODES, type SeededNode, SILENT_FOR } from './fleet';
import { pods } from './node-series';
import { freePort } from './ports';
import { noise } from './values';

/** Between two lines of a container, in seconds. */
const PAUSE = 30;
const SECONDS = 6 * 3_600;
/** In a push. */
const STREAMS_AT_ONCE = 20;

type Say = (figure: number) => string;

const WARNING: Say = (figure) =>
  `level=warn msg="meter answers late" meter=${figure % 8} seconds=${figure % 20}`;
const ERROR: Say = (figure) => `level=error msg="meter does not answer" meter=${figure % 8}`;
/** What containers of the seeded fleet say, by how often; errors come from nodes in trouble alone. */
const LINES: readonly (readonly [share: number, line: Say])[] = [
  [0.7, (figure) => `level=info msg="reading stored" meter=${figure % 8} kwh=${(figure / 7).toFixed(1)}`],
  [0.9, (figure) => `level=info msg="frame checked" gate=${figure % 3} milliseconds=${figure % 90}`],
  [0.97, WARNING],
];

/** Nodes that say much more than others, so that which five say most is no matter of chance. */
const isTalkative = ({ name, trouble }: SeededNode): boolean => trouble !== undefined || name === 'plant-01';

/** A Loki with the lines of the seeded fleet's last hours. */
export class SeededLoki {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: URL,
  ) {}

  /** Needs the program that E2E_LOKI names: Debian has none. */
  static async start(folder: string, end: number): Promise<SeededLoki> {
    const [http, grpc] = [await freePort(), await freePort()];
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'loki.yaml');
    writeFileSync(file, stringify(configuration(folder, http, grpc)));
    const child = spawnMortal(['E2E_LOKI', `-config.file=${file}`], { stdio: 'ignore' });
    const url = new URL(`http://127.0.0.1:${http}`);
    const loki = new SeededLoki(child, url);
    await eventually('the seeded Loki is ready', async () => (await fetch(`${url}ready`)).ok, {
      seconds: 90,
    });
    const all = NODES.flatMap((node) => streams(node, end));
    for (let first = 0; first < all.length; first += STREAMS_AT_ONCE)
      await loki.push(all.slice(first, first + STREAMS_AT_ONCE));
    await loki.flush(
      all.reduce((sum, { values }) => sum + values.length, 0),
      end,
    );
    return loki;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  /** Until all lines are found. */
  private async flush(count: number, end: number): Promise<void> {
    await fetch(`${this.url}flush`, { method: 'POST' });
    const query = `sum(count_over_time({cluster="${CLUSTER}"}[7h]))`;
    const parameters = new URLSearchParams({ query, time: `${end}` });
    const found = async () => {
      const answer = await fetch(`${this.url}loki/api/v1/query?${parameters}`);
      const { data } = (await answer.json()) as {
        data: { result: readonly { value: readonly [number, string] }[] };
      };
      return Number(data.result[0]?.value[1]) === count;
    };
    await eventually('all lines are found', found, { seconds: 60 });
  }

  private async push(all: readonly Stream[]): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ streams: all });
    const answer = await fetch(`${this.url}loki/api/v1/push`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`Loki refuses the lines: ${answer.status} ${await answer.text()}`);
  }
}

interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: string, line: string])[];
}

function streams(node: SeededNode, end: number): Stream[] {
  const { name, group, trouble } = node;
  const seconds = SECONDS - (trouble === 'silent' ? SILENT_FOR : 0);
  return pods(name)
    .filter(({ namespace }) => namespace === 'factory')
    .map(({ namespace, pod, container }) => ({
      stream: { cluster: CLUSTER, group, node: name, namespace, pod, container, side: 'edge' },
      values: Array.from({ length: seconds / PAUSE }, (_, index) =>
        lineOf(node, pod, end - SECONDS + index * PAUSE),
      ),
    }));
}

function lineOf(node: SeededNode, pod: string, time: number): readonly [string, string] {
  const at = nanoseconds(time + noise(`${pod}/at`, time) * PAUSE);
  const chance = noise(pod, time);
  const figure = Math.floor(chance * 1e4);
  const line = LINES.find(([share]) => chance < share)?.[1] ?? (node.trouble ? ERROR : WARNING);
  const more = Math.floor(noise(`${pod}/length`, time) * 60) + (isTalkative(node) ? 60 : 0);
  const trace = noise(`${pod}/trace`, time).toString(16).slice(2, 14);
  return [at, `${line(figure)} trace=${trace.repeat(20).slice(0, 8 + more)}`];
}

/** Nanoseconds, of milliseconds that are whole. */
const nanoseconds = (seconds: number): string => `${Math.floor(seconds * 1_000)}000000`;

/** Everything in one process and one folder; lines may be as old as the clock of the pictures. */
function configuration(folder: string, http: number, grpc: number): object {
  return {
    auth_enabled: false,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: http,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: grpc,
      log_level: 'error',
    },
    common: {
      path_prefix: folder,
      replication_factor: 1,
      instance_addr: '127.0.0.1',
      ring: { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' },
      storage: {
        filesystem: { chunks_directory: join(folder, 'chunks'), rules_directory: join(folder, 'rules') },
      },
    },
    schema_config: {
      configs: [
        {
          from: '2024-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    querier: { query_ingesters_within: 0 },
    // What is that old is looked for in the store: it is flushed once, when all is there.
    ingester: { chunk_idle_period: '24h', max_chunk_age: '24h', flush_check_period: '24h' },
    limits_config: {
      reject_old_samples: false,
      ingestion_rate_mb: 100,
      ingestion_burst_size_mb: 200,
      per_stream_rate_limit: '100MB',
      per_stream_rate_limit_burst: '100MB',
      discover_service_name: [],
      discover_log_levels: false,
    },
  };
}
