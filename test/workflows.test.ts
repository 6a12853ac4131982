import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { kubernetesVersion } from '../lib/core/validation';
import packageJson from '../package.json';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
}

const FOLDER = '.github/workflows';
const texts = readdirSync(FOLDER).map((file) => [file, readFileSync(`${FOLDER}/${file}`, 'utf8')] as const);
const workflows = texts.map(([file, text]) => ({ file, ...parse(text) }));
const jobs = workflows.flatMap(({ file, jobs: all }) =>
  Object.entries<Job>(all).map(([name, job]) => [`${name} of ${file}`, job] as const),
);
const scripts = jobs.flatMap(([name, { steps }]) =>
  steps.flatMap(({ run }) => (run ? [[name, run] as const] : [])),
);

test.each(texts)('%s takes actions as they were at one commit, and says at which version', (_, text) => {
  const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
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
