import { readFileSync } from 'node:fs';
import { spawnMortal } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';

const ADDRESS = '127.0.0.1:19117';

/** Returns this number of samples from a real node_exporter on this machine, without help texts. */
export async function nodeSamples(count: number): Promise<string> {
  // More collectors, for a machine that is a container and has few devices.
  return firstSamples(await nodeExporterAnswer(['--collector.interrupts', '--collector.buddyinfo']), count);
}

/** Returns the metrics of a real node_exporter on this machine. */
export async function nodeExporterAnswer(args: readonly string[]): Promise<string> {
  const exporter = spawnMortal(['prometheus-node-exporter', `--web.listen-address=${ADDRESS}`, ...args], {
    stdio: 'ignore',
  });
  const fetchMetrics = async () => (await fetch(`http://${ADDRESS}/metrics`)).text();
  try {
    return await eventually('node_exporter answers', fetchMetrics);
  } finally {
    exporter.kill('SIGTERM');
  }
}

/** A series of a node, and the values that a real node_exporter reported in two minutes, every ten seconds. */
export interface Series {
  /** Its name, and its labels in braces, if any. */
  readonly id: string;
  readonly readings: readonly number[];
}

/**
 * Returns the series of the profile `standard`, recorded on a device with two busy cores, so that bytes per sample are
 * the same on every machine.
 */
export function standardNodeSeries(): Series[] {
  const lines = readFileSync('bench/nodes/standard.txt', 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    // A label may contain spaces.
    const [, id = '', readings = ''] = /^([^{ ]+(?:\{.*\})?) (.*)$/.exec(line) ?? [];
    return { id, readings: readings.split(' ').map(Number) };
  });
}

function firstSamples(text: string, count: number): string {
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
