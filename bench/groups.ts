/**
 * Measures how the synthesis scales with the node groups of a fleet: the time per object at 100 and at 1,000 groups, and
 * the total time relative to the lower bound, which is a process that only writes the same objects as text. Whole
 * processes alternate. They write to a folder that already contains the same files, as in bench:synth, because the
 * benchmark does not measure how fast the disk creates thousands of new files.
 *
 *   npm run bench:groups [-- --groups N] [-- --check]
 *
 * --groups: number of groups (default: 1000), compared to a tenth of this number. --check: exit code 1 if a result exceeds
 * its target.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadManifests } from '../test/support/manifests';
import { median, parseArguments, parseWholeNumber, runBench, setFailedExitCode, Table } from './support/main';
import { FLOOR, timeCommand } from './support/synthesis';

const ROUNDS = 3;
const TARGETS = { growth: 1.5, floor: 3 };

const options = parseArguments({
  groups: { type: 'string', default: '1000' },
  check: { type: 'boolean', default: false },
});
const many = parseWholeNumber('groups', options.groups);

const folder = mkdtempSync(join(tmpdir(), 'bench-groups-'));
const program = join(folder, 'main.ts');

/** A main.ts with an environment whose groups have their own users, use remote write, and send container logs. */
const MAIN = `
import { CloudChart, EdgeChart, type Settings } from '${resolve('lib')}';
import { run } from '${resolve('lib/run')}';

const groups = Array.from({ length: Number(process.env.BENCH_GROUPS) }, (_, index) => ({ name: 'group-' + index }));
const settings: Settings = {
  cluster: 'many',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  ingress: { groups: ['others', ...groups.map(({ name }) => name)] },
  secretStore: { name: 'vault' },
  edge: { transport: 'remote-write', group: 'others', groups },
};
run({ many: (app) => {
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
} });
`;

interface Size {
  readonly objects: number;
  readonly synthesis: number;
  readonly floor: number;
}

function measureGroups(groups: number): Size {
  const dist = join(folder, `dist-${groups}`);
  const env = { ...process.env, CDK8S_OUTDIR: dist, BENCH_GROUPS: `${groups}` };
  const synthesis = ['node', 'scripts/run.cjs', program];
  timeCommand(synthesis, env);
  const objects = loadManifests(dist);
  const file = join(folder, `objects-${groups}.json`);
  writeFileSync(file, JSON.stringify(objects));
  const rounds = Array.from({ length: ROUNDS }, () => {
    return [timeCommand(synthesis, env), timeCommand(['node', '-e', FLOOR, file], env)] as const;
  });
  return {
    objects: objects.length,
    synthesis: median(rounds.map(([ours]) => ours)),
    floor: median(rounds.map(([, theirs]) => theirs)),
  };
}

const tableCells = (groups: number, { objects, synthesis, floor }: Size) => [
  groups,
  objects,
  synthesis.toFixed(2),
  ((synthesis / objects) * 1e3).toFixed(2),
  floor.toFixed(2),
  (synthesis / floor).toFixed(2),
];

function runGroupsBench(): void {
  writeFileSync(program, MAIN);
  const table = new Table([
    ['groups', 8],
    ['objects', 9],
    ['seconds', 9],
    ['ms per object', 13],
    ['minimum s', 9],
    ['ratio', 7],
  ]);
  const [few, all] = [Math.max(1, many / 10), many].map((count) => {
    const size = measureGroups(count);
    table.addRow(...tableCells(count, size));
    return size;
  }) as [Size, Size];
  const growth = all.synthesis / all.objects / (few.synthesis / few.objects);
  console.log(
    `time per object, relative to a tenth of the groups: ${growth.toFixed(2)} (target: at most ${TARGETS.growth})`,
  );
  console.log(
    `time relative to the minimum: ${(all.synthesis / all.floor).toFixed(2)} (target: at most ${TARGETS.floor})`,
  );
  const isOver = growth > TARGETS.growth || all.synthesis / all.floor > TARGETS.floor;
  if (options.check && isOver) setFailedExitCode();
}

void runBench(() => {
  try {
    runGroupsBench();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
