import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as lib from '../../../lib';
import type { Environments } from '../../../lib/tools/synthesis/environment';
import { outputFolder, synthesize } from '../../../lib/tools/synthesis/synthesize';
import { EXAMPLE_NAMES, exampleObjects, writeCheckout } from '../../support/examples';
import { createRecordedIo } from '../../support/recorded-io';
import { executeSource } from '../../support/typescript';

const ROOT = join(__dirname, '../../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synthesize-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs a program in the same way as `npm run synth` runs main.ts. */
function runProgram(program: string, environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, CDK8S_OUTDIR: join(folder, 'dist'), ...environment };
  return spawnSync(process.execPath, ['scripts/run.cjs', program], { cwd: ROOT, env, encoding: 'utf8' });
}

const SOURCES = ['main.ts', 'environments/reference.ts', 'environments/fleet.ts'];

/** Writes main.ts and its environments, with a text replaced in one of the files. */
function writeChanged(from: string | RegExp, to: string): void {
  writeCheckout(folder, `${ROOT}/lib`);
  const sources = SOURCES.map((file) => readFileSync(join(folder, file), 'utf8'));
  const changed = sources.map((source) => source.replace(from, to));
  expect(changed.filter((source, index) => source !== sources[index])).toHaveLength(1);
  SOURCES.forEach((file, index) => {
    writeFileSync(join(folder, file), changed[index] ?? '');
  });
}

function runWithChange(from: string | RegExp, to: string) {
  writeChanged(from, to);
  return runProgram(join(folder, 'main.ts'));
}

/** Synthesizes the changed main.ts in this process, which is faster because the library is already loaded. */
function synthesizeWithChange(from: string | RegExp, to: string) {
  writeChanged(from, to);
  const { io, written } = createRecordedIo();
  const status: number[] = [];
  const run = (environments: Environments) => status.push(synthesize(environments, io));
  const load = (file: string): unknown =>
    executeSource(readFileSync(`${file}.ts`, 'utf8'), (name) =>
      name === `${ROOT}/lib` ? { ...lib, run } : load(join(folder, name)),
    );
  const before = process.env.CDK8S_OUTDIR;
  process.env.CDK8S_OUTDIR = join(folder, 'dist');
  try {
    load(join(folder, 'main'));
  } finally {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
  }
  expect(status).toHaveLength(1);
  return { status: status[0], ...written };
}

const readTree = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(path.length),
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ]),
  );

/** Returns the files that a synthesis of the examples writes. */
const exampleFiles = (): Record<string, string> =>
  Object.fromEntries(
    EXAMPLE_NAMES.flatMap((name) =>
      exampleObjects(name).map(({ chart, file, yaml }) => [`/${name}/${chart}/${file}`, yaml]),
    ),
  );

test('dist is what main.ts makes, byte for byte, in any time zone and locale, without loading what only commands need', () => {
  const modules = join(folder, 'modules');
  const preload = join(folder, 'preload.cjs');
  writeFileSync(
    preload,
    `process.on('exit', () => require('node:fs').writeFileSync('${modules}', Object.keys(require.cache).join()));`,
  );
  const { status, stdout, stderr } = runProgram('main.ts', {
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require=${JSON.stringify(preload)}`,
    TZ: 'Asia/Kathmandu',
    LC_ALL: 'tr_TR.UTF-8',
    // As `npm run synth` finds it.
    IMAGES_LOCK: undefined,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toMatch(/\d+ files in .*: \d+ changed, 0 unchanged, 0 removed\n$/);
  expect(readTree(join(folder, 'dist'))).toEqual(readTree(join(ROOT, 'dist')));
  const loaded = readFileSync(modules, 'utf8');
  expect(loaded).toContain('node_modules/cdk8s/');
  expect(loaded).not.toContain('node_modules/commander/');
});

test('an empty CDK8S_OUTDIR is none', () => {
  jest.replaceProperty(process, 'env', { ...process.env, CDK8S_OUTDIR: '' });
  expect(outputFolder()).toBe('dist');
});

test('the order in which the charts are made changes no byte, in no file', () => {
  const edgeFirst = `
    const metrics = fromPushgateway({ host: settings.hosts.metrics, credentialsSecretName: 'push-credentials' });
    const logs = fromLoki({ host: settings.hosts.logs, credentialsSecretName: 'logs-credentials' });
    const edge = new EdgeChart(app, 'edge', { settings, metrics, logs });
    const cloud = new CloudChart(app, 'cloud', { settings });
    new GitOpsChart(app, 'gitops', { settings, charts: [cloud, edge] });
  };`;
  const { status, stderr } = synthesizeWithChange(
    /import \{\s*CloudChart([\s\S]*)reference: Environment = \(app\) => \{[\s\S]*?\n\};/,
    `import { fromLoki, fromPushgateway, CloudChart$1reference: Environment = (app) => {${edgeFirst}`,
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(readTree(join(folder, 'dist'))).toEqual(exampleFiles());
});

test.each<[string, string | RegExp, string, RegExp]>([
  [
    'a scheme in a host name',
    "'push.edge.example.com'",
    "'https://push.edge.example.com'",
    /^synthesis failed: reference: cloud: settings.hosts.metrics is "https:\/\/push.edge.example.com"; allowed: [^\n]*\n$/,
  ],
  [
    'an unknown option',
    "cluster: 'reference',",
    "cluster: 'reference', retantion: {},",
    /^synthesis failed: reference: cloud: settings.retantion is not an option; allowed: [^\n]*\n$/,
  ],
  [
    'an interval that is too short',
    "interval: '10s'",
    "interval: '0s'",
    /settings.edge.interval is "0s"; allowed: a duration from "1s" to "1h"/,
  ],
  [
    'a second exporter on one port',
    '  new GitOpsChart(',
    "  new EdgeChart(app, 'edge2', { settings: { ...settings, namespaces: { edge: 'other' } }, metrics: sinks });\n  new GitOpsChart(",
    /job "node_exporter" is already used on the same nodes by edge\/others\/node-exporter/,
  ],
  [
    'an app without environments',
    'run({ reference, fleet });',
    'run({});',
    /^synthesis failed: the app has no environment: add an environment to the call of run\(\)\n$/,
  ],
  [
    'an environment that is no folder name',
    'run({ reference,',
    "run({ 'Reference 1': reference,",
    /the name of the environment is "Reference 1"; allowed: /,
  ],
])('%s ends with exit code 1, one message, and dist as it was', (_, from, to, message) => {
  for (const file of [
    'reference/cloud/Namespace.monitoring.k8s.yaml',
    'fleet/edge/Namespace.edge.k8s.yaml',
  ]) {
    mkdirSync(join(folder, 'dist', dirname(file)), { recursive: true });
    writeFileSync(join(folder, 'dist', file), `# an earlier synthesis: ${file}\n`);
  }
  const before = readTree(join(folder, 'dist'));
  const { status, stdout, stderr } = synthesizeWithChange(from, to);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
  expect(status).toBe(1);
  expect(readTree(join(folder, 'dist'))).toEqual(before);
});

test('an error of the library shows its place, wherever the program is', () => {
  const program = join(folder, 'props.ts');
  writeFileSync(
    program,
    `import { optionError } from '${ROOT}/lib/core/validation';\n\nthrow optionError('x', 'y');`,
  );
  const { stderr } = runProgram(program);
  expect(stderr).toContain(`${ROOT}/lib/core/validation.ts:`);
  expect(stderr).toContain(`${program}:3:`);
});

test('the process of a synthesis that fails writes the same, ends with the same exit code, and shows the place of a defect', () => {
  const defect = [
    'reference: Environment = (app) => {',
    'reference: Environment = (app) => { JSON.parse("{}").boom();',
  ] as const;
  const { status, stdout, stderr } = runWithChange(...defect);
  rmSync(join(folder, 'environments'), { recursive: true });
  const sameProcess = synthesizeWithChange(...defect);
  const [message] = sameProcess.stderr.split('\n');
  expect(message).toMatch(/^synthesis failed: reference: TypeError: /);
  expect(stderr.split('\n')[0]).toBe(message);
  expect(stderr).toMatch(/\n\s+at .*environments\/reference\.ts/);
  expect({ status, stdout }).toEqual({ status: sameProcess.status, stdout: sameProcess.stdout });
  expect(status).toBe(1);
});
