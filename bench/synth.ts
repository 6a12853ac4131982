/**
 * How long the synthesis takes, against the floor: one Node process that only writes the same objects as
 * YAML text with the same package. Whole processes, in turn, so that a machine whose speed drifts is fair
 * to both.
 *
 *   npm run bench:synth [-- --check]     with --check it ends with exit code 1 above the target
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json';
import { load } from '../test/support/manifests';
import { FLOOR, median, secondsOf as timed } from './support/synthesis';

const TARGET = 3;
const PAIRS = 15;

const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const environment = { ...process.env, CDK8S_OUTDIR: join(folder, 'dist') };

const secondsOf = (command: readonly string[]): number => timed(command, environment);

function measure(): number {
  const synthesis = packageJson.scripts.synth.split(' ');
  secondsOf(synthesis);
  const objects = load(environment.CDK8S_OUTDIR);
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify(objects));
  const floor = ['node', '-e', FLOOR, file];
  secondsOf(floor);
  const pairs = Array.from({ length: PAIRS }, () => [secondsOf(synthesis), secondsOf(floor)] as const);
  const ratios = pairs.map(([ours, theirs]) => ours / theirs);
  const row = (name: string, values: readonly number[]) =>
    console.log(
      `${name.padEnd(44)} ${median(values).toFixed(2)}  (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`,
    );
  console.log(`${objects.length} objects, ${PAIRS} pairs, median (least to most)`);
  row(
    `seconds: ${packageJson.scripts.synth}`,
    pairs.map(([ours]) => ours),
  );
  row(
    'seconds: the floor',
    pairs.map(([, theirs]) => theirs),
  );
  row(`ratio, at most ${TARGET}`, ratios);
  return median(ratios);
}

try {
  const ratio = measure();
  if (process.argv.includes('--check') && ratio > TARGET) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
