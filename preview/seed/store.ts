import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { stringify } from 'yaml';
import { freePort } from '../../test/runtime/free-port';
import { program, spawnKilledWithParent } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import { cloudSeries } from './cloud-series';
import { CLUSTER, NODES, SILENT_FOR } from './fleet';
import { nodeSeries } from './node-series';
import { evaluationPasses } from './passes';
import { readRules } from './rules';
import type { SeededSeries } from './series';

/** Interval between two samples in seconds. */
const STEP = 60;
/** Interval of series that rarely change, in seconds. It must stay below Prometheus's lookback of 5 minutes. */
const SPARSE = 240;
const SLOW = /^(kube_|node_(boot|filesystem_(files|readonly|size)|memory_MemTotal|uname)|kubelet_)/;
/** Interval of the samples before the last 7 hours, in seconds. */
const OLD = 900;
/**
 * Seconds for which samples continue after the end. Rules that read other rules are a step behind, and need these
 * samples.
 */
const AFTER = 600;
/** Hours that dashboards show, including the lookback of their rates. */
const HOURS = 7;
const HOUR = 3_600;

/**
 * A Prometheus with the samples of a small fleet up to a fixed time, and with the results of an environment's rules.
 */
export class SeededPrometheus {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: URL,
  ) {}

  /**
   * Writes samples and the results of rules to a folder, and starts a Prometheus with this folder.
   * @param manifests folder of the environment's manifests
   * @param end time of the last samples in seconds since 1970
   */
  static async start(folder: string, manifests: string, end: number): Promise<SeededPrometheus> {
    await writeSamples(
      join(folder, 'samples.txt'),
      [...NODES.flatMap((node) => nodeSeries(node, end)), ...cloudSeries(end), ...silentNodeSeries(end)],
      end,
    );
    createBlocks(folder, 'openmetrics', '--quiet', 'samples.txt', 'data');
    for (const [index, { rules, seconds }] of evaluationPasses(
      readRules(manifests),
      HOURS * HOUR,
    ).entries()) {
      const file = `rules-${index}.yaml`;
      writeFileSync(join(folder, file), stringify({ groups: [{ name: `pass-${index}`, rules }] }));
      const reading = await SeededPrometheus.startPrometheus(folder);
      const span = [`--start=${end - seconds}`, `--end=${end + AFTER}`, `--eval-interval=${STEP}s`];
      createBlocks(folder, 'rules', ...span, `--url=${reading.url.origin}`, '--output-dir=data', file);
      await reading.stop();
    }
    return SeededPrometheus.startPrometheus(folder);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }

  private static async startPrometheus(folder: string): Promise<SeededPrometheus> {
    const address = `127.0.0.1:${await freePort()}`;
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(join(folder, 'prometheus.yaml'), '{}');
    const options = [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=${address}`,
    ];
    const child = spawnKilledWithParent(['prometheus', ...options], { stdio: 'ignore' });
    const url = new URL(`http://${address}`);
    await eventually('the seeded Prometheus is ready', async () => (await fetch(`${url}-/ready`)).ok);
    return new SeededPrometheus(child, url);
  }
}

/** Returns a recorded series for each node that has been silent for longer than Prometheus's lookback. */
const silentNodeSeries = (end: number): SeededSeries[] =>
  NODES.filter(({ trouble }) => trouble === 'silent').map(({ name, group }) => ({
    name: 'edge_write:last:timestamp',
    labels: { cluster: CLUSTER, group, node: name },
    at: () => end - SILENT_FOR,
    seconds: SILENT_FOR,
  }));

async function writeSamples(path: string, all: readonly SeededSeries[], end: number): Promise<void> {
  const file = createWriteStream(path);
  // OpenMetrics requires that all series of a metric follow each other.
  for (const one of [...all].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!file.write(sampleLines(one, end).join(''))) await once(file, 'drain');
  }
  file.end('# EOF\n');
  await finished(file);
}

function sampleLines(
  { name, labels, at, seconds = HOURS * HOUR, earlier = 0, gaps = [] }: SeededSeries,
  end: number,
): string[] {
  const named = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const head = `${name}{${named.join(',')}}`;
  const isThere = (time: number) => !gaps.some(([from, to]) => time > end - from && time <= end - to);
  return sampleTimes(name, seconds, end - earlier)
    .filter(isThere)
    .map((time) => `${head} ${Number(at(time).toPrecision(12))} ${Number(time.toFixed(3))}\n`);
}

/**
 * Returns the times of the samples of a series. Series that rarely change, and the times before the last 7 hours, have
 * fewer samples.
 */
function sampleTimes(name: string, seconds: number, end: number): number[] {
  const step = SLOW.test(name) ? SPARSE : STEP;
  const times: number[] = [];
  for (let ago = seconds; ago >= -AFTER; ago -= ago > HOURS * HOUR ? OLD : step) times.push(end - ago);
  return times;
}

/**
 * Creates blocks with promtool. promtool runs in the folder with relative paths, because evaluation times depend on the
 * path of the rule file and would otherwise differ between runs.
 */
function createBlocks(folder: string, from: string, ...args: string[]): void {
  const command = ['tsdb', 'create-blocks-from', '--max-block-duration=54h', from, ...args];
  execFileSync(program('promtool'), command, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}
