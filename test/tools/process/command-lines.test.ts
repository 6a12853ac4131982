import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  hasNpmScript,
  suggestedCommand,
  suggestedSynthCommand,
} from '../../../lib/tools/process/command-lines';
import { callCommand } from '../../support/recorded-io';

const clone = process.cwd();
const { argv } = process;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-'));
  process.chdir(folder);
  process.argv = [process.execPath, join(process.cwd(), 'bin', 'main.js')];
});

afterEach(() => {
  process.chdir(clone);
  process.argv = argv;
  rmSync(folder, { recursive: true });
});

test('commands are called by their scripts, where package.json has them', () => {
  process.chdir(clone);
  expect(suggestedCommand('apply', '--record')).toBe('npm run --silent apply -- --record');
  expect(suggestedCommand('apply')).toBe('npm run --silent apply');
  expect(suggestedSynthCommand()).toBe('npm run synth');
  expect(suggestedSynthCommand('--help')).toBe('npm run --silent synth -- --help');
});

test.each([
  ['no package.json', undefined],
  ['a package.json without scripts', '{}'],
  ['scripts of other names', '{ "scripts": { "build": "tsc" } }'],
  ['a package.json that is no JSON', '{'],
])('an app with %s is called by its own program', (_, text) => {
  if (text !== undefined) writeFileSync('package.json', text);
  expect(suggestedCommand('apply', '--record')).toBe('node bin/main.js apply --record');
  expect(suggestedSynthCommand()).toBe('node bin/main.js');
});

test('one script of several is used for its command alone', () => {
  writeFileSync('package.json', JSON.stringify({ scripts: { doctor: 'node bin/main.js doctor' } }));
  expect([hasNpmScript('doctor'), hasNpmScript('apply'), hasNpmScript('toString')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(suggestedCommand('doctor', '--push')).toBe('npm run --silent doctor -- --push');
  expect(suggestedCommand('apply')).toBe('node bin/main.js apply');
});

test('help and messages of such an app speak of its own command line, and list what is there', async () => {
  const help = await callCommand(['--help']);
  expect(help.stdout).toMatch(/^node bin\/main\.js synthesizes the environments of this app\./);
  expect(help.stdout).toContain('  node bin/main.js doctor [options]  ');
  expect(help.stdout).not.toMatch(/npm run| try | init |main\.ts/);
  expect((await callCommand(['plan', '--help'])).stdout).toContain(
    'Usage: node bin/main.js plan [options]\n',
  );
  expect((await callCommand(['where', '--help'])).stdout).toContain('where [options] <object>\n');
  const { stderr } = await callCommand(['nothing']);
  expect(stderr).toContain('See: node bin/main.js --help\n');
  expect(stderr).not.toContain('init,');
  writeFileSync('main.ts', '');
  expect((await callCommand(['--help'])).stdout).toContain('  node bin/main.js init [options]  ');
});

test('no command other than init speaks of a file that such an app does not have', async () => {
  const listed = [...(await callCommand(['--help'])).stdout.matchAll(/^ {2}node bin\/main\.js ([\w-]+) /gm)];
  expect(listed.length).toBeGreaterThan(10);
  for (const [, name = ''] of listed) {
    const { stdout } = await callCommand([name, '--help']);
    expect({ name, text: stdout.match(/\w*main\.ts|npm run/g) }).toEqual({ name, text: null });
  }
});
