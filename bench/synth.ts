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
import { argumentsOf, main, median, missed, spread, Table } from './support/main';
import { FLOOR, secondsOf as timed } from './support/synthesis';

const TARGET = 3;
const PAIRS = 15;

const options = argumentsOf({ check: { type: 'boolean', default: false } });
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
  console.log(`${objects.length} objects, ${PAIRS} pairs, median (least to most)`);
  const table = new Table([
    ['', 44],
    ['', 24],
  ]);
  const [ours, theirs] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
  table.row(`seconds: ${packageJson.scripts.synth}`, spread(ours));
  table.row('seconds: the floor', spread(theirs));
  table.row(`ratio, at most ${TARGET}`, spread(ratios));
  return median(ratios);
}

void main(() => {
  try {
    if (measure() > TARGET && options.check) missed();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
