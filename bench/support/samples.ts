import { setTimeout as sleep } from 'node:timers/promises';
import { collectorArgs, selectionOf } from '../../lib/edge/metrics-profile';
import { signalProcess, spawnMortal } from '../../test/e2e/runtime/programs';
import { eventually } from '../../test/e2e/runtime/wait';

const ADDRESS = '127.0.0.1:19117';

/** So many samples that a real node_exporter of this machine says, without help texts. */
export async function samplesOfANode(count: number): Promise<string> {
  // More collectors, for a machine that is a container and has few devices.
  return whileRunning(['--collector.interrupts', '--collector.buddyinfo'], async (read) =>
    first(await read(), count),
  );
}

/** A series of a node, and what it grows by in a second. */
export interface Series {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
  readonly step: number;
}

/** What a real node_exporter of this machine says with the collectors of the profile `standard`. */
export function seriesOfANode(): Promise<Series[]> {
  const seconds = 3;
  return whileRunning(collectorArgs(selectionOf('standard')), async (read) => {
    const before = parsed(await read());
    await sleep(seconds * 1_000);
    const after = parsed(await read());
    return [...after].flatMap(([key, value]) => {
      const [, name = '', labels = ''] = /^([^{]+)(?:\{(.*)\})?$/.exec(key) ?? [];
      const isOwn = /^(go|process|promhttp|node_exporter|node_scrape_collector)_/.test(name);
      return isOwn ? [] : [{ name, labels, value, step: (value - (before.get(key) ?? value)) / seconds }];
    });
  });
}

async function whileRunning<T>(
  args: readonly string[],
  work: (read: () => Promise<string>) => Promise<T>,
): Promise<T> {
  const exporter = spawnMortal(['prometheus-node-exporter', `--web.listen-address=${ADDRESS}`, ...args], {
    stdio: 'ignore',
  });
  const read = async () => (await fetch(`http://${ADDRESS}/metrics`)).text();
  try {
    await eventually('node_exporter answers', read);
    return await work(read);
  } finally {
    signalProcess(exporter.pid ?? 0, 'SIGTERM');
  }
}

function parsed(text: string): Map<string, number> {
  const samples = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

function first(text: string, count: number): string {
  const lines: string[] = [];
  let samples = 0;
  for (const line of text.split('\n').filter((one) => one && !one.startsWith('# HELP'))) {
    if (samples === count) break;
    lines.push(line);
    if (!line.startsWith('#')) samples += 1;
  }
  if (samples < count) throw new Error(`node_exporter says only ${samples} samples on this machine`);
  return `${lines.join('\n')}\n`;
}
