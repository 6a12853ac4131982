/**
 * How long the synthesis takes, against the floor: one Node process that only writes the same objects as
 * YAML text with the same package. Whole processes, in turn, so that a machine whose speed drifts is fair
 * to both.
 *
 *   npm run bench:synth [-- --check]     with --check it ends with exit code 1 above the target
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import packageJson from '../package.json';

const TARGET = 3;
const PAIRS = 15;

/** What the floor runs: reads the objects, writes each as text. */
const FLOOR = `
const { stringify } = require('yaml');
const objects = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
let length = 0;
for (const object of objects) length += stringify(object, { lineWidth: 0, version: '1.1' }).length;
if (length === 0) process.exit(1);
`;

const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const environment = { ...process.env, CDK8S_OUTDIR: join(folder, 'dist') };

/** Seconds of a command, without a shell, from start to end. */
function secondsOf([program = '', ...args]: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 2).join(' ')} failed: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function objectsOf(dist: string): unknown[] {
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => parse(readFileSync(join(dist, path), 'utf8')));
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

function measure(): number {
  const synthesis = packageJson.scripts.synth.split(' ');
  secondsOf(synthesis);
  const objects = objectsOf(environment.CDK8S_OUTDIR);
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
