import { spawnSync } from 'node:child_process';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import packageJson from '../../../package.json';
import { EXAMPLES } from '../../support/examples';
import { callCommand } from '../../support/recorded-io';

/** Commands that are separate programs and are not part of the package. */
const PROGRAMS: Record<string, string> = { try: 'test/try/main.ts' };

const COMMAND = /^node scripts\/run\.cjs (main\.ts |test\/try\/)/;

/** Starts main.ts as a process, as npm does. */
function startProcess(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.cjs', ...args], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const runCommandLine = async (name: string, ...args: string[]) =>
  PROGRAMS[name] ? startProcess(PROGRAMS[name], ...args) : callCommand([name, ...args]);

const help = startProcess('main.ts', '--help');

/** Names of the commands that `--help` lists. */
const listed = [...help.stdout.matchAll(/^ {2}npm run --silent ([\w-]+) /gm)].map(([, name = '']) => name);

test('--help lists the commands, each of which is a script of npm', () => {
  expect([help.code, help.stderr]).toEqual([EXIT.done, '']);
  expect(listed).toEqual(expect.arrayContaining(['credentials', 'docker-driver']));
  const scripts = Object.entries(packageJson.scripts).filter(([, line]) => COMMAND.test(line));
  expect(scripts.map(([name]) => name)).toEqual(listed);
  for (const [name, line] of scripts)
    expect(line).toBe(`node scripts/run.cjs ${PROGRAMS[name] ?? `main.ts ${name}`}`);
  for (const code of Object.values(EXIT)) expect(help.stdout).toMatch(new RegExp(`[:;] ${code} `));
});

test.each(listed)(
  '%s explains itself, in no more columns than a terminal has, and does nothing then',
  async (name) => {
    const { code, stdout, stderr } = await runCommandLine(name, '--help');
    expect([code, stderr]).toEqual([EXIT.done, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: npm run --silent ${name} -- \\[options\\]( <\\w+>)?\n`));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  },
);

test.each(listed)(
  '%s refuses what it does not know in one message, with the exit code of that',
  async (name) => {
    const { code, stdout, stderr } = await runCommandLine(name, '--no-such-option');
    expect([code, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toMatch(
      new RegExp(
        `^${name}: unknown option --no-such-option; allowed: --help, .*\nSee: npm run --silent ${name} -- --help\n$`,
      ),
    );
  },
);

test.each(['credentials', 'graph'])('%s writes into no folder whose name is empty', async (name) => {
  const { code, stdout, stderr } = await callCommand([name, '--output', ''], { one: () => undefined });
  expect([code, stdout]).toEqual([EXIT.usage, '']);
  expect(stderr).toContain(`${name}: --output is ""; allowed: the path of a folder`);
});

describe('an argument that belongs to no option', () => {
  const one = { one: () => undefined };

  test('is named', async () => {
    expect(await callCommand(['plan', 'extra', '--environment', 'one', 'more'], one)).toMatchObject({
      code: EXIT.usage,
      stdout: '',
      stderr: expect.stringMatching(
        /^plan: unexpected argument: "extra", "more"; allowed: --help, --environment\n/,
      ),
    });
    expect((await callCommand(['where', 'Namespace/x', 'more'], one)).stderr).toContain(
      'unexpected argument: "more"; allowed',
    );
  });

  test('is not repeated where it may be a password', async () => {
    const { code, stderr } = await callCommand(['credentials', 'hunter2'], one);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain('unexpected argument; allowed: --help, ');
    expect(stderr).not.toContain('hunter2');
  });
});

test.each([
  ['graph', '--output', 'a', '--output', 'b'],
  ['plan', '--environment=a', '--environment', 'b'],
  ['docker-driver', '--host', 'a', '--host', 'b'],
])('%s refuses %s that is given twice, rather than take the last', async (name, ...options) => {
  const flag = options[0]?.split('=')[0];
  expect(await callCommand([name, ...options], { one: () => undefined })).toMatchObject({
    code: EXIT.usage,
    stdout: '',
    stderr: expect.stringContaining(`${name}: ${flag} is given more than once`),
  });
});

test('--json is JSON also where a command fails', async () => {
  const { code, stdout, stderr } = await callCommand(['inventory', '--json'], {
    one: () => {
      throw new Error('no "such" thing');
    },
  });
  expect(code).toBe(EXIT.failed);
  expect(JSON.parse(stdout)).toEqual({ error: 'one: no "such" thing' });
  expect(stderr).toContain('one: no "such" thing');
});

test('--help does not accept a value', async () => {
  expect(await callCommand(['plan', '--help=all'])).toMatchObject({
    code: EXIT.usage,
    stderr: 'plan: --help does not accept a value: use --help alone\nSee: npm run --silent plan -- --help\n',
  });
});

test.each(['credentails', 'constructor', ''])(
  'a command that there is not, such as %j, is said with those that there are',
  async (name) => {
    const { code, stdout, stderr } = await callCommand([name]);
    const ofMain = listed.filter((one) => !PROGRAMS[one]);
    expect([code, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toBe(
      `${name}: unknown command; allowed: ${ofMain.join(', ')}\nSee: npm run --silent synth -- --help\n`,
    );
  },
);

test('help that goes to no terminal has the same lines in a wide one', async () => {
  const narrow = await callCommand(['doctor', '--help']);
  const { isTTY, columns } = process.stdout;
  Object.assign(process.stdout, { isTTY: true, columns: 300 });
  const wide = await callCommand(['doctor', '--help']);
  Object.assign(process.stdout, { isTTY, columns });
  expect(wide).toEqual(narrow);
});

test('the process of a command writes the same, and ends with the same exit code', async () => {
  expect(startProcess('main.ts', '')).toEqual(await callCommand(['']));
});

describe('standard output that takes nothing more', () => {
  const piped = (shell: string) => spawnSync('bash', ['-o', 'pipefail', '-c', shell], { encoding: 'utf8' });
  const PLAN = 'node scripts/run.cjs main.ts plan';
  // The output of the help takes the same way, and needs no environment.
  const HELP = `${PLAN} --help`;

  test('because whoever read it has seen enough: the command ends, and says nothing', () => {
    const { status, stderr } = piped(`exec 3> >(true); wait $!; ${HELP} >&3`);
    expect([status, stderr]).toEqual([EXIT.failed, '']);
  });

  test('because a disk is full: one message says that', () => {
    const { status, stderr } = piped(`${HELP} > /dev/full`);
    expect(status).toBe(EXIT.failed);
    expect(stderr).toMatch(/^standard output cannot be written: ENOSPC: .*\n$/);
  });

  test('nor does standard error, which may be the same', () => {
    expect(piped(`exec 3> >(true); wait $!; ${PLAN} --environment x 2>&3`).status).toBe(EXIT.failed);
    expect(piped(`${PLAN} --environment x 2> /dev/full`).status).toBe(EXIT.failed);
  });
});

test('graph draws the same picture when the code of its program is cached', async () => {
  const run = (...args: string[]) => startProcess('examples/environments/main.ts', ...args);
  expect(run('--help').code).toBe(EXIT.done);
  const { code, stdout } = run('graph', '--environment', 'reference');
  expect(code).toBe(EXIT.done);
  expect(stdout).toBe((await callCommand(['graph', '--environment', 'reference'], EXAMPLES)).stdout);
});

describe('at a terminal', () => {
  /** Returns the output of a command at its own terminal. */
  const shown = (name: string) =>
    spawnSync(
      'script',
      ['-qec', `${process.execPath} scripts/run.cjs examples/environments/main.ts ${name}`, '/dev/null'],
      {
        encoding: 'utf8',
      },
    ).stdout;

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
