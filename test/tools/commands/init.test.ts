import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import { EXAMPLES, writeCheckout } from '../../support/examples';
import { callCommand } from '../../support/recorded-io';

const GIVEN = [
  '--name=north',
  '--metrics-host=push.example.com',
  '--logs-host=logs.example.com',
  '--nodes=40',
];

/** A folder with its own main.ts and environments. It imports the library of this repository. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
  writeCheckout(folder);
  for (const name of ['lib', 'node_modules', 'imports', 'scripts'])
    symlinkSync(resolve(name), join(folder, name));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the app in a process, as npm does. */
const runApp = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/run.cjs', 'main.ts', ...args], { cwd: folder, encoding: 'utf8' });

/** The app of the examples, which is started in the folder of another app: its bundle is cached from one test to the next. */
const EXAMPLES_APP = [resolve('scripts/run.cjs'), resolve('examples/environments/main.ts')];

/** Runs the command in this process, in the folder of the app. */
async function runInit(...args: string[]) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { code: status, ...written } = await callCommand(['init', ...args], EXAMPLES);
    return { status, ...written };
  } finally {
    process.chdir(before);
  }
}

const readFileOf = (file: string) => readFileSync(join(folder, file), 'utf8');

const readSources = () =>
  ['main.ts', ...readdirSync(join(folder, 'environments')).map((name) => `environments/${name}`)].map(
    (name) => [name, readFileOf(name)],
  );

test('writes an environment that the next synthesis makes, beside those that are there', () => {
  const { status, stdout, stderr } = runApp('init', ...GIVEN, '--storage-class=fast');
  expect([status, stdout]).toEqual([EXIT.done, 'environments/north.ts\n']);
  expect(stderr).toMatch(/^Next: run node main\.ts, then node main\.ts doctor --environment north$/m);
  expect(runApp().stderr).toBe('');
  expect(readdirSync(join(folder, 'dist'))).toEqual(['fleet', 'north', 'reference']);
  expect(readFileOf('dist/north/cloud/StatefulSet.prometheus.k8s.yaml')).toContain('storageClassName: fast');
});

test('overwrites nothing, unless it is told to, and can be called twice', async () => {
  await runInit(...GIVEN);
  const before = readSources();
  const again = await runInit(...GIVEN);
  expect([again.status, again.stdout]).toEqual([EXIT.done, 'environments/north.ts\n']);
  expect(readSources()).toEqual(before);
  const other = GIVEN.map((one) => one.replace('push.', 'metrics.'));
  const { status, stdout, stderr } = await runInit(...other);
  expect([status, stdout]).toEqual([EXIT.failed, '']);
  expect(stderr).toBe(
    'init: environments/north.ts already exists: use another --name, or --force to overwrite it\n',
  );
  expect(readSources()).toEqual(before);
  expect((await runInit(...other, '--force')).status).toBe(EXIT.done);
  expect(readFileOf('environments/north.ts')).toContain("metrics: 'metrics.example.com'");
  expect(readFileOf('main.ts')).toBe(before[0]?.[1]);
});

test('writes nothing when something is missing, wrong, or cannot be written', async () => {
  const before = readSources();
  const missing = await runInit('--name=north');
  expect([missing.status, missing.stdout]).toEqual([EXIT.usage, '']);
  expect(missing.stderr).toMatch(
    /^init: these options are required, because standard input is not a terminal on which init could ask questions:\n {2}--metrics-host=VALUE /,
  );
  expect((await runInit(...GIVEN, '--controller=apache')).status).toBe(EXIT.usage);
  expect(readSources()).toEqual(before);
  rmSync(join(folder, 'main.ts'));
  writeFileSync(join(folder, 'app.ts'), before[0]?.[1] ?? '');
  const { status, stderr } = await runInit(...GIVEN);
  expect([status, stderr]).toEqual([
    EXIT.failed,
    expect.stringMatching(
      /^init: the current folder has no main.ts: run the command in the folder of the app; in a JavaScript app, .*\n$/,
    ),
  ]);
  expect(existsSync(join(folder, 'environments/north.ts'))).toBe(false);
});

test('says what to add to a main.ts that somebody gave another shape, and leaves it as it is', async () => {
  const main = `${readFileOf('main.ts').replace('run({', 'const all = {').replace(');', ';')}\nrun(all);\n`;
  writeFileSync(join(folder, 'main.ts'), main);
  const { status, stderr } = await runInit(...GIVEN);
  expect(status).toBe(EXIT.done);
  expect(stderr).toContain(
    "Add to main.ts:\n  import { north } from './environments/north';\n  run({ ..., north });\n",
  );
  expect(readFileOf('main.ts')).toBe(main);
});

describe('at a terminal', () => {
  /** Types lines at its own terminal, one for each new question. */
  async function typed(lines: readonly string[], ...args: string[]) {
    const command = [process.execPath, ...EXAMPLES_APP, 'init', ...args].join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder });
    const left = [...lines];
    let stdout = '';
    child.stdout.on('data', (text) => {
      stdout += text;
      // The cursor goes behind each question.
      const asked = stdout.split(': \u001b[').length - 1;
      while (lines.length - left.length < asked && left.length) child.stdin.write(left.shift());
    });
    const [status] = await once(child, 'exit');
    return { status, stdout };
  }

  test('it asks for what was not given, and Enter takes what is shown', async () => {
    const lines = ['logs.example.com', '250', '', 'traefik', '', '', '', '', ''].map((line) => `${line}\r`);
    const { status, stdout } = await typed(lines, '--name=north', '--metrics-host=push.example.com');
    expect([status, stdout]).toEqual([EXIT.done, expect.stringContaining('environments/north.ts')]);
    expect(stdout).toContain('batches; samples wait on disk during an outage) [remote-write]: ');
    expect(readFileOf('environments/north.ts')).toContain("controller: traefik({ namespace: 'traefik' }),");
  });

  test('Ctrl-C in the middle writes nothing', async () => {
    const before = readSources();
    const { status, stdout } = await typed(['north\r', '\u0003']);
    expect(status).toBe(EXIT.failed);
    expect(stdout).toContain('init: canceled before all questions were answered: nothing was written');
    expect(readSources()).toEqual(before);
  });
});
