import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, type App, Chart } from 'cdk8s';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import { runCommand } from '../../../lib/tools/commands/program';
import type { Environments } from '../../../lib/tools/synthesis/environment';
import { synthesize } from '../../../lib/tools/synthesis/synthesize';
import { createRecordedIo } from '../../support/recorded-io';

const before = process.cwd();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diff-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

type Data = Readonly<Record<string, string>>;

/** Creates an environment that consists of ConfigMaps, given by name. */
const createEnvironment = (maps: Readonly<Record<string, Data>>) => (app: App) => {
  const chart = new Chart(app, 'cloud');
  for (const [name, data] of Object.entries(maps)) {
    const metadata = { name, namespace: 'monitoring' };
    new ApiObject(chart, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  }
};

const north = { north: createEnvironment({ a: { 'a.yaml': 'x: 1\n' }, b: { k: 'v' } }) };
const changed = { north: createEnvironment({ a: { 'a.yaml': 'x: 2\n' }, c: { k: 'v' } }) };

function writeManifests(environments: Environments) {
  synthesize(environments, createRecordedIo().io);
}

function runDiff(environments: Environments, ...args: string[]) {
  const { io, written } = createRecordedIo();
  return { code: runCommand(['diff', ...args], { environments, io }), ...written };
}

const runGit = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { stdio: 'pipe' });

test('what is the same ends with exit code 0', () => {
  writeManifests(north);
  expect(runDiff(north)).toEqual({
    code: EXIT.done,
    stdout: '0 added, 0 removed, 0 changed against dist\n',
    stderr: '',
  });
});

test('what is different is said by object and field, and ends with an exit code of its own', () => {
  writeManifests(north);
  expect(runDiff(changed)).toEqual({
    code: EXIT.differences,
    stdout: [
      '~ north/cloud: ConfigMap monitoring/a',
      '  ~ data["a.yaml"].x: 1 -> 2',
      '- north/cloud: ConfigMap monitoring/b',
      '+ north/cloud: ConfigMap monitoring/c',
      '1 added, 1 removed, 1 changed against dist',
      '',
    ].join('\n'),
    stderr: '',
  });
});

test('nothing is written, and files of others are not looked at', () => {
  writeManifests(north);
  writeFileSync('dist/north/cloud/mine.yaml', 'a: 1\n');
  runDiff(changed);
  expect(readdirSync('dist/north/cloud').sort()).toEqual([
    'ConfigMap.a.k8s.yaml',
    'ConfigMap.b.k8s.yaml',
    'mine.yaml',
  ]);
  expect(runDiff(north).code).toBe(EXIT.done);
});

test('a file that was changed in words only is different all the same', () => {
  writeManifests(north);
  const path = 'dist/north/cloud/ConfigMap.b.k8s.yaml';
  writeFileSync(path, `# by hand\n${readFileSync(path, 'utf8')}`);
  const { code, stdout } = runDiff(north);
  expect(code).toBe(EXIT.differences);
  expect(stdout).toContain('  ~ (the file)\n      @@ line 1 @@\n      -# by hand\n');
});

test('everything is new where nothing was synthesized, and gone where an environment is', () => {
  expect(runDiff(north).stdout).toContain('2 added, 0 removed, 0 changed');
  writeManifests({ ...north, south: createEnvironment({ a: {} }) });
  expect(runDiff(north).stdout).toContain('- south/cloud: ConfigMap monitoring/a');
});

test('--environment leaves the others out', () => {
  writeManifests({ ...north, south: createEnvironment({ a: {} }) });
  const both = { ...changed, south: createEnvironment({ a: { new: '1' } }) };
  const { stdout } = runDiff(both, '--environment', 'south');
  expect(stdout).toContain('south/cloud');
  expect(stdout).not.toContain('north/cloud');
});

describe('against a revision', () => {
  beforeEach(() => {
    runGit('init', '--quiet');
    writeManifests(north);
    runGit('add', 'dist');
    runGit('commit', '--quiet', '-m', 'a');
    runGit('tag', 'v1');
  });

  test('the synthesis is compared with what git holds, whatever is on disk', () => {
    writeManifests(changed);
    expect(runDiff(changed).code).toBe(EXIT.done);
    const { code, stdout } = runDiff(changed, '--against', 'v1');
    expect(code).toBe(EXIT.differences);
    expect(stdout).toContain('1 added, 1 removed, 1 changed against dist of v1');
    expect(runDiff(north, '--against', 'HEAD').code).toBe(EXIT.done);
  });

  test('also with characters that git would quote', () => {
    mkdirSync('dist/north/cloud', { recursive: true });
    const name = 'dist/north/cloud/ConfigMap.ä "b".k8s.yaml';
    writeFileSync(name, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ä\n');
    runGit('add', 'dist');
    runGit('commit', '--quiet', '-m', 'b');
    expect(runDiff(north, '--against', 'HEAD').stdout).toContain('- north/cloud: ConfigMap ä');
  });

  test.each(['nonsense', '--output=/tmp/x', ''])('that is %j is refused', (revision) => {
    const { code, stdout, stderr } = runDiff(north, `--against=${revision}`);
    expect([code, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toContain(
      `--against is ${JSON.stringify(revision)}, which does not exist in this git repository; allowed: `,
    );
  });
});

test.each<[string, () => Environments, string[], number, string]>([
  [
    'an environment that there is not',
    () => north,
    ['--environment', 'west'],
    EXIT.usage,
    '--environment is "west"; allowed: north',
  ],
  [
    'a folder without git',
    () => north,
    ['--against', 'HEAD'],
    EXIT.usage,
    '--against requires a git repository: fatal: not a git repository',
  ],
  [
    'charts that cannot be made',
    () => ({
      north: () => {
        throw new Error('retention is "x"');
      },
    }),
    [],
    EXIT.failed,
    'diff: north: retention is "x"\n',
  ],
  [
    'a file that is no manifest',
    () => {
      writeManifests(north);
      writeFileSync('dist/north/cloud/ConfigMap.a.k8s.yaml', 'a: [');
      return north;
    },
    [],
    EXIT.failed,
    'diff: north/cloud/ConfigMap.a.k8s.yaml is not a manifest: run node ',
  ],
])('%s ends with one message, and no half of a report', (_, environments, args, exit, message) => {
  const { code, stdout, stderr } = runDiff(environments(), ...args);
  expect([code, stdout]).toEqual([exit, '']);
  expect(stderr).toContain(message);
});

describe('--markdown', () => {
  test('is a comment of a pull request: counts and warnings, then each object to be unfolded', () => {
    writeManifests({ north: createEnvironment({ a: { 'a.yaml': 'x: 1\n', text: '```\nb\n' } }) });
    const { stdout } = runDiff(
      { north: createEnvironment({ a: { 'a.yaml': 'x: 2\n', text: '```\nc\n' } }) },
      '--markdown',
    );
    expect(stdout).toBe(
      [
        '**Manifests:** 0 added, 0 removed, 1 changed against dist',
        '',
        '<details><summary>~ north/cloud: ConfigMap monitoring/a</summary>',
        '',
        '````diff',
        '- data["a.yaml"].x: 1',
        '+ data["a.yaml"].x: 2',
        '# data.text',
        '@@ line 1 @@',
        ' ```',
        '-b',
        '+c',
        '````',
        '',
        '</details>',
        '',
      ].join('\n'),
    );
  });

  test('says warnings before everything else', () => {
    writeManifests(north);
    const namespace = (app: App) => {
      const chart = new Chart(app, 'cloud');
      new ApiObject(chart, 'a', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', namespace: 'other' },
      });
    };
    const { stdout } = runDiff({ north: namespace }, '--markdown');
    expect(stdout).toContain(
      '; 1 warning\n\n- :warning: north/cloud: ConfigMap other/a: metadata.namespace changes: the command "apply" creates a new object',
    );
  });

  test('is never longer than GitHub takes, and says what was left out', () => {
    const many = (value: string) =>
      Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`map-${index}`, { key: value }]));
    writeManifests({ north: createEnvironment(many('1')) });
    const { stdout } = runDiff({ north: createEnvironment(many('2')) }, '--markdown');
    expect(stdout.length).toBeLessThan(65_536);
    expect(stdout).toContain('900 changed');
    expect(stdout).toMatch(
      /\n\d+ more changed objects are not shown: run `node .* diff` to print all objects\.\n$/,
    );
  });
});
