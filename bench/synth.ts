/**
 * Measures the duration of the synthesis, relative to the lower bound: one Node process that only writes the same
 * objects as YAML text with the same package. Whole processes alternate, so that a varying speed of the machine affects
 * all of them equally. There are three kinds of synthesis: one without a change, which uses the cached bundle, validation results and
 * texts in node_modules/.cache; one after a change of settings, which bundles the app; and one without a cache.
 *
 *   npm run bench:synth [-- --check]     --check: exit code 1 if a result exceeds its target
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json';
import { loadManifests } from '../test/support/manifests';
import {
  formatMedianAndRange,
  median,
  parseArguments,
  runBench,
  setFailedExitCode,
  Table,
} from './support/main';
import { FLOOR, timeCommand as timed } from './support/synthesis';

const PAIRS = 15;
const CACHE = 'node_modules/.cache/cdk8s-edge-observability';

interface Synthesis {
  readonly name: string;
  /** Cached files with matching names are deleted before the synthesis. */
  readonly missing: RegExp;
  /** Maximum duration as a multiple of the lower bound. @default - no target */
  readonly target?: number;
}

const SYNTHESES: readonly Synthesis[] = [
  { name: 'without a change', missing: /^$/, target: 2 },
  { name: 'after a change of settings', missing: /\.js$/ },
  { name: 'without a cache', missing: /./ },
];

const options = parseArguments({ check: { type: 'boolean', default: false } });
const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const environment = { ...process.env, CDK8S_OUTDIR: join(folder, 'dist') };
const synthesis = packageJson.scripts.synth.split(' ');

const timeCommand = (command: readonly string[]): number => timed(command, environment);

function deleteCacheFiles(files: RegExp): void {
  for (const name of readdirSync(CACHE)) if (files.test(name)) rmSync(join(CACHE, name), { force: true });
}

/** Returns the command that measures the lower bound: it only renders these objects as YAML. */
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
      deleteCacheFiles(missing);
      return timeCommand(synthesis);
    }),
  }));
  console.log(`${objects.length} objects, ${PAIRS} rounds, median (minimum to maximum)`);
  const table = new Table([
    [packageJson.scripts.synth, 36],
    ['seconds', 22],
    ['relative to minimum', 22],
    ['target', 7],
  ]);
  table.addRow('minimum: only YAML', formatMedianAndRange(rounds.map(({ floor }) => floor)));
  return SYNTHESES.map(({ name, target }, index) => {
    const seconds = rounds.map(({ syntheses }) => syntheses[index] ?? Number.NaN);
    const ratios = rounds.map(({ floor }, round) => (seconds[round] ?? Number.NaN) / floor);
    table.addRow(name, formatMedianAndRange(seconds), formatMedianAndRange(ratios), target ?? '');
    return target === undefined || median(ratios) <= target;
  }).every(Boolean);
}

void runBench(() => {
  try {
    if (!measureSynthesis() && options.check) setFailedExitCode();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
