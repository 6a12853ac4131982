import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { kubernetesVersion } from '../lib/core/kubernetes-version';
import packageJson from '../package.json';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  /** Another workflow, whose jobs it runs. */
  readonly uses?: string;
  readonly needs?: string;
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
}

const FOLDER = '.github/workflows';
const texts = readdirSync(FOLDER).map((file) => [file, readFileSync(`${FOLDER}/${file}`, 'utf8')] as const);
const workflows = texts.map(([file, text]) => ({ file, ...parse(text) }));
const entries = workflows.flatMap(({ file, jobs: all }) =>
  Object.entries<Job>(all).map(([name, job]) => [`${name} of ${file}`, job] as const),
);
const jobs = entries.filter(([, { steps }]) => steps);
const scripts = jobs.flatMap(([name, { steps }]) =>
  steps.flatMap(({ run }) => (run ? [[name, run] as const] : [])),
);

test.each(texts)('%s takes actions as they were at one commit, and says at which version', (_, text) => {
  const uses = text.split('\n').filter((line) => /^\s*(- )?uses: (?!\.\/)/.test(line));
  expect(uses.filter((line) => !/uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
});

test.each(workflows.map((workflow) => [workflow.file, workflow] as const))(
  '%s may only read, where a job does not say more',
  (_, { permissions }) => {
    expect(permissions).toEqual({ contents: 'read' });
  },
);

test('only one job may comment and one may publish, and neither runs what a pull request brought', () => {
  const more = jobs.filter(([, { permissions }]) => permissions);
  expect(more.map(([name, { permissions }]) => [name, permissions])).toEqual([
    ['comment of pull-request.yml', { 'pull-requests': 'write' }],
    ['npm of release.yml', { contents: 'read', 'id-token': 'write' }],
  ]);
  const [[, comment] = []] = more;
  expect(comment?.steps.map(({ uses }) => uses)).toEqual([undefined]);
});

test.each(jobs)('%s ends after a while', (_, job) => {
  expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
});

test.each(scripts)('a script of %s is one, and holds no text that others write', (_, script) => {
  expect(() => execFileSync('bash', ['-n'], { input: script })).not.toThrow();
  expect(script).not.toContain('${{');
});

test.each(scripts)('a script of %s calls commands of package.json and files that there are', (_, script) => {
  const called = [...script.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
  expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(called));
  for (const [, path = ''] of script.matchAll(/\bsh (\S+\.sh)/g)) expect(existsSync(path)).toBe(true);
});

test('manifests are checked on the oldest, the middle and the newest Kubernetes that there are settings for', () => {
  const minors = Array.from({ length: 100 }, (_, minor) => minor).filter((minor) =>
    kubernetesVersion.accepts(`1.${minor}`),
  );
  const [oldest = 0, newest = 0] = [minors[0], minors.at(-1)];
  const job = jobs.find(([name]) => name === 'schemas of checks.yml')?.[1];
  const checked = (job?.strategy?.matrix.kubernetes ?? []).map((version) =>
    Number(String(version).split('.')[1]),
  );
  expect(checked).toEqual([oldest, (oldest + newest) / 2, newest]);
});

test('everything that a developer checks is checked', () => {
  const all = scripts.map(([, script]) => script).join('\n');
  for (const name of ['lint', 'typecheck', 'test:coverage', 'import', 'synth', 'diff', 'test:e2e']) {
    expect(all).toContain(`npm run --silent ${name}`);
  }
});

describe('a release', () => {
  const [, publish = ''] = scripts.filter(([name]) => name === 'npm of release.yml').at(-1) ?? [];
  const [, check = ''] = scripts.find(([, script]) => script.includes('CHANGELOG')) ?? [];

  test('waits until everything was checked on its commit', () => {
    const called = entries.filter(([, { uses }]) => uses);
    expect(called.map(([name, { uses }]) => [name, uses])).toEqual([
      ['checks of release.yml', './.github/workflows/checks.yml'],
    ]);
    expect(workflows.find(({ file }) => file === 'checks.yml')?.on).toHaveProperty('workflow_call');
    expect(Object.fromEntries(entries)['npm of release.yml']?.needs).toBe('checks');
  });

  test('is of a package that can be published, and whose commit can be proven', () => {
    expect(packageJson).not.toHaveProperty('private');
    expect(packageJson.publishConfig).toEqual({ access: 'public', provenance: true });
    expect(Object.keys(packageJson.scripts)).not.toContain('postinstall');
  });

  test.each([
    ['v1.0.0', 'latest'],
    ['v1.0.0-rc.1', 'next'],
  ])('of %s is published as %s, from the repository that runs it', (tag, channel) => {
    expect(
      called(publish, { TAG: tag, GITHUB_REPOSITORY: 'a/b', GITHUB_SERVER_URL: 'https://git.example.com' }),
    ).toEqual([
      'pkg set repository.type=git repository.url=git+https://git.example.com/a/b.git',
      `publish --tag ${channel}`,
    ]);
  });

  test.each([
    ['v0.1.0', '0.1.0', '## [0.1.0] - 2026-12-01', 0],
    ['v0.2.0', '0.1.0', '## [0.1.0] - 2026-12-01', 1],
    ['v0.2.0', '0.2.0', '## [0.1.0] - 2026-12-01', 1],
  ])(
    'of the tag %s, with version %s and %s in the changelog, ends with %i',
    (tag, version, section, code) => {
      const cwd = mkdtempSync(join(tmpdir(), 'release-'));
      writeFileSync(join(cwd, 'package.json'), JSON.stringify({ version }));
      writeFileSync(join(cwd, 'CHANGELOG.md'), section);
      const { status } = spawnSync('bash', ['-e', '-c', check], { cwd, env: { ...process.env, TAG: tag } });
      rmSync(cwd, { recursive: true });
      expect(status).toBe(code);
    },
  );
});

test('the changelog has the form that its tools read', () => {
  const headings = readFileSync('CHANGELOG.md', 'utf8').match(/^##+ .*/gm) ?? [];
  expect(headings[0]).toBe('## [Unreleased]');
  const version = String.raw`## \[\d+\.\d+\.\d+(-[\w.]+)?\] - \d{4}-\d{2}-\d{2}`;
  const kind = '### (Added|Changed|Deprecated|Removed|Fixed|Security)';
  expect(headings.slice(1).filter((line) => !new RegExp(`^(${version}|${kind})$`).test(line))).toEqual([]);
});

/** Arguments with which a script calls npm. */
function called(script: string, env: Readonly<Record<string, string>>): string[] {
  const spy = 'npm() { echo "$*"; }\n';
  const said = execFileSync('bash', ['-e', '-c', spy + script], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return said.trim().split('\n');
}
