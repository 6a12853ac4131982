import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../test/runtime/free-port';
import { spawnKilledWithParent } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import { CLUSTER, NODES, type SeededNode, SILENT_FOR } from './fleet';
import { logStreams, type Stream } from './lines';

/** Period with log lines in seconds. */
const SECONDS = 6 * 3_600;
/** Maximum number of streams in a push. */
const STREAMS_AT_ONCE = 20;

/** A Loki with log lines of the seeded fleet. */
export class SeededLoki {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: URL,
  ) {}

  /**
   * Starts Loki, pushes the lines, and waits until queries find them. E2E_LOKI must be the path of the Loki program,
   * because Debian has no Loki package.
   */
  static async start(folder: string, end: number): Promise<SeededLoki> {
    const [http, grpc] = [await freePort(), await freePort()];
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'loki.yaml');
    writeFileSync(file, stringify(lokiConfiguration(folder, http, grpc)));
    const child = spawnKilledWithParent(['E2E_LOKI', `-config.file=${file}`], { stdio: 'ignore' });
    const url = new URL(`http://127.0.0.1:${http}`);
    const loki = new SeededLoki(child, url);
    await eventually('the seeded Loki is ready', async () => (await fetch(`${url}ready`)).ok, {
      seconds: 90,
    });
    const all = NODES.flatMap((node) => linesToPush(node, end));
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

  /** Flushes Loki, and waits until a query finds all lines. */
  private async flush(count: number, end: number): Promise<void> {
    await fetch(`${this.url}flush`, { method: 'POST' });
    const query = `sum(count_over_time({cluster="${CLUSTER}"}[7h]))`;
    const parameters = new URLSearchParams({ query, time: `${end}` });
    const allLinesFound = async () => {
      const answer = await fetch(`${this.url}loki/api/v1/query?${parameters}`);
      const { data } = (await answer.json()) as {
        data: { result: readonly { value: readonly [number, string] }[] };
      };
      return Number(data.result[0]?.value[1]) === count;
    };
    await eventually('all lines are found', allLinesFound, { seconds: 60 });
  }

  private async push(all: readonly Stream[]): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ streams: all });
    const answer = await fetch(`${this.url}loki/api/v1/push`, { method: 'POST', headers, body });
    if (!answer.ok)
      throw new Error(`Loki refused the log lines with status ${answer.status}: ${await answer.text()}`);
  }
}

/** Returns the log streams of a node for the last hours. The lines of the silent node end earlier. */
const linesToPush = (node: SeededNode, end: number): Stream[] =>
  logStreams(node, end - SECONDS, node.trouble === 'silent' ? end - SILENT_FOR : end);

/**
 * Returns the configuration of a Loki in a single process, which accepts lines that are as old as the clock of the
 * pictures.
 */
function lokiConfiguration(folder: string, http: number, grpc: number): object {
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
    // Queries read lines of this age from the store only, so chunks are flushed once, after all pushes.
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
