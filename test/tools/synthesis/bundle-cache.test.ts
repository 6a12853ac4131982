import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PACKAGES = ['@grafana', '@prometheus-io', 'cdk8s', 'cdk8s-plus-25', 'constructs', 'esbuild'];

let folder: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-cache-'));
  cache = join(folder, 'node_modules/.cache/cdk8s-edge-observability');
  cpSync('scripts', join(folder, 'scripts'), { recursive: true });
  for (const name of ['lib/word', 'lib/program', 'node_modules']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const name of PACKAGES) symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  write('lib/word/index.ts', "export const word: string = 'first';\n");
  write('lib/program/part.mjs', "export const part = 'of a program';\n");
  write('lib/program/main.mjs', "import { part } from './part.mjs';\nconsole.log(part);\n");
  write(
    'main.ts',
    [
      "import { word } from './lib/word';",
      "import program from './lib/program/main.mjs?bundle';",
      'interface Unused { readonly lines: string }',
      "if (word === 'broken') throw new Error(word);",
      'console.log(word, /part = (.*);/.exec(program)?.[1]);',
    ].join('\n'),
  );
});

afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** What the program prints, or the error that ends it. */
function run(): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/run.cjs', 'main.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return (stdout || stderr).trim();
}

/** The one file of what is kept whose name ends so. */
function keptFile(end: string): string {
  const [name, ...others] = readdirSync(cache).filter((one) =>
    end ? one.endsWith(end) : !one.includes('.'),
  );
  if (!name || others.length) throw new Error(`${cache} has ${[name, ...others].join(', ')}`);
  return join(cache, name);
}

/** Has the kept bundle print something else, and keeps the entry true. */
function replaceKept(): void {
  const code = readFileSync(keptFile('.js'), 'utf8').replace('first', 'kept!');
  const entry = JSON.parse(readFileSync(keptFile(''), 'utf8'));
  writeFileSync(keptFile('.js'), code);
  rmSync(keptFile('.v8'));
  writeFileSync(`${keptFile('')}.v8`, '');
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  writeFileSync(keptFile(''), JSON.stringify({ ...entry, code: digest(code), compiled: digest('') }));
}

test('a second run takes the bundle that the first one kept, until a source changes', () => {
  expect(run()).toBe('first "of a program"');
  replaceKept();
  expect(run()).toBe('kept! "of a program"');
  write('lib/program/part.mjs', "export const part = 'changed';\n");
  expect(run()).toBe('first "changed"');
  // A file comes before a folder of its name.
  write('lib/word.ts', "export const word = 'before';\n");
  expect(run()).toBe('before "changed"');
  rmSync(join(folder, 'lib/word.ts'));
  expect(run()).toBe('first "changed"');
});

test('a damaged bundle is bundled again', () => {
  for (const end of ['', '.js', '.v8']) {
    expect(run()).toBe('first "of a program"');
    const damaged = readFileSync(keptFile(end));
    writeFileSync(keptFile(end), damaged.subarray(0, damaged.length / 2));
    expect(run()).toBe('first "of a program"');
    expect(readFileSync(keptFile(end)).length).toBeGreaterThan(damaged.length / 2 + 1);
  }
});

test('where nothing can be kept, the program runs all the same', () => {
  write('node_modules/.cache', '');
  expect(run()).toBe('first "of a program"');
  expect(run()).toBe('first "of a program"');
  mkdirSync(join(folder, 'lib/word/folder.json'));
  expect(run()).toBe('first "of a program"');
});

test('a stack trace names the sources, from a new bundle and from one that was kept', () => {
  write('lib/word/index.ts', "export const word: string = 'broken';\n");
  for (const _ of ['new', 'kept']) {
    expect(run()).toMatch(/Error: broken\n {4}at .*main\.ts:4:30\)/);
  }
});
