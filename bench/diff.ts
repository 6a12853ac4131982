/**
 * Compares the duration of `npm run diff` to the duration of a synthesis of the same objects, when no object, one in a
 * hundred objects, and all objects have changed. Whole processes alternate, so that a varying speed of the machine
 * affects both equally.
 *
 *   npm run bench:diff [-- --check] [-- --objects N]     --check: exit code 1 if a ratio exceeds the target
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EXIT } from '../lib/tools/commands/exit-codes';
import { median, parseArguments, parseWholeNumber, runBench, setFailedExitCode, Table } from './support/main';
import { timeCommand } from './support/synthesis';

const TARGET = 3;
const PAIRS = 3;

const options = parseArguments({ check: { type: 'boolean' }, objects: { type: 'string', default: '10000' } });
const objects = parseWholeNumber('objects', options.objects);
const folder = mkdtempSync(join(tmpdir(), 'bench-diff-'));
const program = join(folder, 'main.ts');
const root = resolve('.');

/** A main.ts with objects like in a chart of the stack: alternately a ConfigMap and a Deployment. */
const MAIN = `
import { ApiObject, Chart } from 'cdk8s';
import { run } from '${root}/lib/run';

const edition = (index: number) => (index % 100 < Number(process.env.CHANGED) ? 'after' : 'before');
const config = (index: number) => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config-' + index, namespace: 'monitoring' },
  data: { 'config.yaml': 'jobs:\\n' + Array.from({ length: 10 }, (_, job) =>
    '  - job_name: job-' + job + '\\n    target: ' + edition(index) + '\\n').join('') },
});
const workload = (index: number) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'workload-' + index, namespace: 'monitoring' },
  spec: {
    replicas: 1, selector: { matchLabels: { app: 'workload-' + index } },
    template: { metadata: { labels: { app: 'workload-' + index } }, spec: { containers: [{
      name: 'main', image: 'example.com/main:' + edition(index), args: ['--a=1', '--b=2', '--c=3'],
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
    }] } },
  },
});
run({ many: (app) => {
  const chart = new Chart(app, 'chart');
  for (let index = 0; index < ${objects}; index += 1) {
    new ApiObject(chart, 'object-' + index, index % 2 ? config(index) : workload(index));
  }
} });
`;

function measureDiffRatio(table: Table, changed: number): number {
  const pairs = Array.from({ length: PAIRS }, (_, round) => {
    const env = { ...process.env, CDK8S_OUTDIR: join(folder, `dist-${changed}-${round}`) };
    const app = ['node', 'scripts/run.cjs', program];
    const synthesis = timeCommand(app, { ...env, CHANGED: '0' });
    const differing = { ...env, CHANGED: `${changed}` };
    const diff = timeCommand([...app, 'diff'], differing, changed ? EXIT.differences : EXIT.done);
    return { synthesis, diff };
  });
  const [synthesis, diff] = [
    median(pairs.map((pair) => pair.synthesis)),
    median(pairs.map((pair) => pair.diff)),
  ];
  const ratio = median(pairs.map((pair) => pair.diff / pair.synthesis));
  table.addRow(`${changed} % changed`, synthesis.toFixed(1), diff.toFixed(1), ratio.toFixed(2));
  return ratio;
}

void runBench(() => {
  try {
    writeFileSync(program, MAIN);
    console.log(`${objects} objects, median of ${PAIRS} pairs, target: ratio of at most ${TARGET}`);
    const table = new Table([
      ['', 14],
      ['synthesis s', 11],
      ['diff s', 7],
      ['ratio', 6],
    ]);
    const ratios = [0, 1, 100].map((changed) => measureDiffRatio(table, changed));
    if (options.check && Math.max(...ratios) > TARGET) setFailedExitCode();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
