/**
 * Measures the duration of the synthesis, relative to the lower bound: one Node process that only writes the same
 * objects as YAML text with the same package. Whole processes alternate, so that a varying speed of the machine affects
 * all equally. There are three syntheses: one without a change, which uses the cached bundle, validation results and
 * texts in node_modules/.cache; one after a change of settings, which bundles the app; and one without a cache.
 *
 *   npm run bench:synth [-- --check]     with --check it ends with exit code 1 above a target
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json';
import { loadManifests } from '../test/support/manifests';
import { median, parseArguments, reportMissedTarget, runMain, spread, Table } from './support/main';
import { FLOOR, timeCommand as timed } from './support/synthesis';

const PAIRS = 15;
const CACHE = 'node_modules/.cache/cdk8s-edge-observability';

interface Synthesis {
  readonly name: string;
  /** Deletes files of the cache by their ending, so that they are not found. */
  readonly missing: RegExp;
  /** Maximum multiple of the lower bound. */
  readonly target?: number;
}

const SYNTHESES: readonly Synthesis[] = [
  { name: 'without a change', missing: /^$/, target: 2 },
  { name: 'after a change of settings', missing: /\.js$/ },
  { name: 'the first', missing: /./ },
];

const options = parseArguments({ check: { type: 'boolean', default: false } });
const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const environment = { ...process.env, CDK8S_OUTDIR: join(folder, 'dist') };
const synthesis = packageJson.scripts.synth.split(' ');

const timeCommand = (command: readonly string[]): number => timed(command, environment);

function clearCache(files: RegExp): void {
  for (const name of readdirSync(CACHE)) if (files.test(name)) rmSync(join(CACHE, name), { force: true });
}

/** Returns the command that only writes the objects of the last synthesis. */
function yamlOnlyCommand(objects: readonly unknown[]): readonly string[] {
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify(objects));
  return ['node', '-e', FLOOR, file];
}

function measureSynthesis(): boolean {
  timeCommand(synthesis);
  const objects = loadManifests(environment.CDK8S_OUTDIR);
  const floor = yamlOnlyCommand(objects);
  timeCommand(floor);
  const rounds = Array.from({ length: PAIRS }, () => ({
    floor: timeCommand(floor),
    syntheses: SYNTHESES.map(({ missing }) => {
      clearCache(missing);
      return timeCommand(synthesis);
    }),
  }));
  console.log(`${objects.length} objects, ${PAIRS} rounds, median (least to most)`);
  const table = new Table([
    [packageJson.scripts.synth, 36],
    ['seconds', 22],
    ['times the floor', 22],
    ['at most', 7],
  ]);
  table.addRow('the floor', spread(rounds.map(({ floor }) => floor)));
  return SYNTHESES.map(({ name, target }, index) => {
    const seconds = rounds.map(({ syntheses }) => syntheses[index] ?? Number.NaN);
    const ratios = rounds.map(({ floor }, round) => (seconds[round] ?? Number.NaN) / floor);
    table.addRow(name, spread(seconds), spread(ratios), target ?? '');
    return target === undefined || median(ratios) <= target;
  }).every(Boolean);
}

void runMain(() => {
  try {
    if (!measureSynthesis() && options.check) reportMissedTarget();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
