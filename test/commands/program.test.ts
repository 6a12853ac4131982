import { spawnSync } from 'node:child_process';
import { EXIT } from '../../lib/commands/exit-codes';
import packageJson from '../../package.json';

const app = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/run.cjs', 'main.ts', ...args], { encoding: 'utf8' });

/** Commands that are programs of their own: nothing of them is in a package. */
const PROGRAMS: Record<string, string> = { try: 'test/e2e/try/main.ts' };

const COMMAND = /^node scripts\/run\.cjs (main\.ts |test\/e2e\/)/;

const call = (name: string, ...args: string[]) =>
  spawnSync(
    process.execPath,
    ['scripts/run.cjs', ...(PROGRAMS[name] ? [PROGRAMS[name]] : ['main.ts', name]), ...args],
    {
      encoding: 'utf8',
    },
  );

/** The commands that --help lists. */
const listed = () =>
  [...app('--help').stdout.matchAll(/^ {2}npm run --silent ([\w-]+) /gm)].map(([, name]) => name);

test('--help lists the commands, each of which is a script of npm', () => {
  const { status, stdout, stderr } = app('--help');
  expect([status, stderr]).toEqual([EXIT.done, '']);
  expect(listed()).toEqual(expect.arrayContaining(['credentials', 'docker-driver']));
  const scripts = Object.entries(packageJson.scripts).filter(([, line]) => COMMAND.test(line));
  expect(scripts.map(([name]) => name)).toEqual(listed());
  for (const [name, line] of scripts)
    expect(line).toBe(`node scripts/run.cjs ${PROGRAMS[name] ?? `main.ts ${name}`}`);
  for (const code of Object.values(EXIT)) expect(stdout).toMatch(new RegExp(`[:;] ${code} `));
});

test('every command explains itself, in no more columns than a terminal has, and does nothing then', () => {
  for (const name of listed()) {
    const { status, stdout, stderr } = call(name ?? '', '--help');
    expect([status, stderr]).toEqual([EXIT.done, '']);
    expect(stdout).toContain(`Usage: npm run --silent ${name} -- [options]\n`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  }
});

test('every command refuses what it does not know in one message, with the exit code of that', () => {
  for (const name of listed()) {
    const { status, stdout, stderr } = call(name ?? '', '--no-such-option');
    expect([status, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toMatch(
      new RegExp(
        `^${name}: there is no option --no-such-option; allowed: --help, .*\nSee: npm run --silent ${name} -- --help\n$`,
      ),
    );
  }
});

test.each(['credentails', 'constructor', ''])(
  'a command that there is not, such as %j, is said with those that there are',
  (name) => {
    const { stdout, stderr, status } = app(name);
    const ofMain = listed().filter((one = '') => !PROGRAMS[one]);
    expect([status, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toBe(
      `${name}: there is no such command; allowed: ${ofMain.join(', ')}\nSee: npm run --silent synth -- --help\n`,
    );
  },
);

test('a synthesis does not load what only commands need', () => {
  const loaded = "process.on('exit', () => console.error(Object.keys(require.cache).join()))";
  const { stderr } = spawnSync(
    process.execPath,
    ['-e', `${loaded}; process.argv.splice(1, 0, 'run.cjs', 'main.ts'); require('./scripts/run.cjs')`],
    { encoding: 'utf8' },
  );
  expect(stderr).toContain('node_modules/cdk8s/');
  expect(stderr).not.toContain('node_modules/commander/');
});

describe('at a terminal', () => {
  /** What a terminal of its own shows of a command. */
  const shown = (name: string) =>
    spawnSync('script', ['-qec', `${process.execPath} scripts/run.cjs main.ts ${name}`, '/dev/null'], {
      encoding: 'utf8',
    }).stdout;

  test('a command says that it works, and takes that away before its answer', () => {
    expect(shown('plan --environment fleet').split('\r\x1b[K')).toEqual([
      '',
      'plan ...',
      expect.stringMatching(/^fleet/),
    ]);
  });

  test('what is wrong stands on a line of its own', () => {
    const lines = shown('plan --environment nobody').split('\r\x1b[K');
    expect(lines).toEqual([
      '',
      'plan ...',
      expect.stringMatching(/^plan: --environment is "nobody"; allowed: /),
    ]);
  });
});
