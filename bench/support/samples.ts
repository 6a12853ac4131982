import { signalProcess, spawnMortal } from '../../test/e2e/runtime/programs';
import { eventually } from '../../test/e2e/runtime/wait';

const ADDRESS = '127.0.0.1:19117';

/** So many samples that a real node_exporter of this machine says, without help texts. */
export async function samplesOfANode(count: number): Promise<string> {
  // More collectors, for a machine that is a container and has few devices.
  const args = [`--web.listen-address=${ADDRESS}`, '--collector.interrupts', '--collector.buddyinfo'];
  const exporter = spawnMortal(['prometheus-node-exporter', ...args], { stdio: 'ignore' });
  try {
    const text = await eventually('node_exporter answers', async () =>
      (await fetch(`http://${ADDRESS}/metrics`)).text(),
    );
    return first(text, count);
  } finally {
    signalProcess(exporter.pid ?? 0, 'SIGTERM');
  }
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
