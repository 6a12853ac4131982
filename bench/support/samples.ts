import { readFileSync } from 'node:fs';
import { spawnKilledWithParent } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';

const ADDRESS = '127.0.0.1:19117';

/**
 * Returns the first samples of a real node_exporter on this machine, without help texts.
 * @param count number of samples
 * @throws Error if node_exporter has fewer samples.
 */
export async function fetchNodeSamples(count: number): Promise<string> {
  // Two more collectors are on, because a machine that is a container has few devices and few samples.
  return selectFirstSamples(
    await fetchNodeExporterMetrics(['--collector.interrupts', '--collector.buddyinfo']),
    count,
  );
}

/** Starts a real node_exporter on this machine with these arguments, and returns its metrics. */
export async function fetchNodeExporterMetrics(args: readonly string[]): Promise<string> {
  const exporter = spawnKilledWithParent(
    ['prometheus-node-exporter', `--web.listen-address=${ADDRESS}`, ...args],
    {
      stdio: 'ignore',
    },
  );
  const fetchMetrics = async () => (await fetch(`http://${ADDRESS}/metrics`)).text();
  try {
    return await eventually('node_exporter answers', fetchMetrics);
  } finally {
    exporter.kill('SIGTERM');
  }
}

/** A series of a node, with its values: a real node_exporter reported them every ten seconds for two minutes. */
export interface Series {
  /** Metric name, with the labels in braces if there are any: `node_cpu_seconds_total{cpu="0",mode="idle"}`. */
  readonly id: string;
  readonly readings: readonly number[];
}

/**
 * Returns the series of the profile `standard`. They were recorded on a device with two busy cores, so that bytes per
 * sample are the same on every machine.
 */
export function standardNodeSeries(): Series[] {
  const lines = readFileSync('bench/nodes/standard.txt', 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    // The value of a label may contain spaces.
    const [, id = '', readings = ''] = /^([^{ ]+(?:\{.*\})?) (.*)$/.exec(line) ?? [];
    return { id, readings: readings.split(' ').map(Number) };
  });
}

function selectFirstSamples(text: string, count: number): string {
  const lines: string[] = [];
  let samples = 0;
  for (const line of text.split('\n').filter((one) => one && !one.startsWith('# HELP'))) {
    if (samples === count) break;
    lines.push(line);
    if (!line.startsWith('#')) samples += 1;
  }
  if (samples < count)
    throw new Error(`node_exporter has only ${samples} samples on this machine; ${count} are needed`);
  return `${lines.join('\n')}\n`;
}
