import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synthesize-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a program as `npm run synth` runs main.ts. */
function run(program: string, environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, CDK8S_OUTDIR: join(folder, 'dist'), ...environment };
  return spawnSync(process.execPath, ['scripts/run.cjs', program], { cwd: ROOT, env, encoding: 'utf8' });
}

/** main.ts with a mistake in it. */
function runWith(from: string | RegExp, to: string) {
  const source = readFileSync(join(ROOT, 'main.ts'), 'utf8');
  const changed = source.replace(from, to).replaceAll("'./lib", `'${ROOT}/lib`);
  expect(changed).not.toBe(source.replaceAll("'./lib", `'${ROOT}/lib`));
  writeFileSync(join(folder, 'main.ts'), changed);
  return run(join(folder, 'main.ts'));
}

const tree = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(path.length),
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ]),
  );

test('dist is what main.ts makes, byte for byte, in any time zone and locale', () => {
  const { status, stdout, stderr } = run('main.ts', { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toMatch(/\d+ files in .*: \d+ changed, 0 as they were, 0 removed\n$/);
  expect(tree(join(folder, 'dist'))).toEqual(tree(join(ROOT, 'dist')));
});

test('the order in which the charts are made changes no byte, in no file', () => {
  const edgeFirst = `
    const metrics = fromPushgateway({ host: reference.hosts.metrics, credentialsSecretName: 'push-credentials' });
    const logs = fromLoki({ host: reference.hosts.logs, credentialsSecretName: 'logs-credentials' });
    const edge = new EdgeChart(app, 'edge', { settings: reference, metrics, logs });
    const cloud = new CloudChart(app, 'cloud', { settings: reference });
    new GitOpsChart(app, 'gitops', { settings: reference, charts: [cloud, edge] });
  },`;
  const { status, stderr } = runWith(
    /import \{ CloudChart([\s\S]*)reference: \(app\) => \{[\s\S]*?\n {2}\},/,
    `import { fromLoki, fromPushgateway, CloudChart$1reference: (app) => {${edgeFirst}`,
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(tree(join(folder, 'dist'))).toEqual(tree(join(ROOT, 'dist')));
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
    /(\n {2}},\n {2}fleet)/,
    "\n new EdgeChart(app, 'edge2', { settings: { ...reference, namespaces: { edge: 'other' } }, metrics: cloud.metrics });$1",
    /job "node_exporter" is taken on the same nodes by edge\/others\/node-exporter/,
  ],
  [
    'an environment that is no folder name',
    'reference: (app)',
    "'Reference 1': (app)",
    /the name of the environment is "Reference 1"; allowed: /,
  ],
])('%s ends with exit code 1, one message, and dist as it was', (_, from, to, message) => {
  run('main.ts');
  const before = tree(join(folder, 'dist'));
  const { status, stdout, stderr } = runWith(from, to);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
  expect(status).toBe(1);
  expect(tree(join(folder, 'dist'))).toEqual(before);
});

test('a defect of the program shows its place', () => {
  const { status, stderr } = runWith(
    'reference: (app) => {',
    'reference: (app) => { (undefined as any).boom();',
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/synthesis failed: reference: TypeError: .*\n\s+at .*main\.ts/);
});
