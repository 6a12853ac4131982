import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createOrReplaceFiles } from '../../../lib/tools/process/replace-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replace-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (path: string) => join(folder, path);
const listFiles = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
const replaceAll = (files: Record<string, string>, modes?: Parameters<typeof createOrReplaceFiles>[1]) =>
  createOrReplaceFiles(
    Object.entries(files).map(([path, text]) => [pathOf(path), text]),
    modes,
  );

test('it makes files, and folders where there are none', () => {
  replaceAll({ x: '1', 'a/b/y': '2' });
  expect(listFiles()).toEqual(['a', 'a/b', 'a/b/y', 'x']);
  expect(readFileSync(pathOf('a/b/y'), 'utf8')).toBe('2');
});

test('it lets only those in who are meant to be', () => {
  replaceAll({ 'a/b/x': '1' }, { folder: 0o700, file: 0o600 });
  expect(['a', 'a/b', 'a/b/x'].map((path) => (statSync(pathOf(path)).mode & 0o777).toString(8))).toEqual([
    '700',
    '700',
    '600',
  ]);
});

test('a link is replaced, and what it leads to stays', () => {
  writeFileSync(pathOf('theirs'), 'theirs');
  symlinkSync('theirs', pathOf('x'));
  replaceAll({ x: '1' });
  expect(['x', 'theirs'].map((path) => readFileSync(pathOf(path), 'utf8'))).toEqual(['1', 'theirs']);
});

test('a file of somebody that looks like one of ours on its way stays', () => {
  writeFileSync(pathOf('x.tmp'), 'theirs');
  replaceAll({ x: '1' });
  expect(readFileSync(pathOf('x.tmp'), 'utf8')).toBe('theirs');
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    'a folder is where a file is needed',
    { 'new/x': '1', 'is-folder': '2' },
    /is-folder cannot be written: the path exists and is not a file; move or delete it$/,
  ],
  [
    'a file is where a folder is needed',
    { 'new/a/x': '1', 'is-file/x': '2' },
    /is-file\/x cannot be written: ENOTDIR: /,
  ],
  [
    'a name is too long',
    { 'new/a/x': '1', ['x'.repeat(300)]: '2' },
    /x{300} cannot be written: ENAMETOOLONG: /,
  ],
])('when %s, it says where, and all is as it was', (_, files, message) => {
  mkdirSync(pathOf('is-folder'));
  writeFileSync(pathOf('is-file'), 'before');
  expect(() => replaceAll({ 'is-file': 'after', ...files })).toThrow(message);
  expect(listFiles()).toEqual(['is-file', 'is-folder']);
  expect(readFileSync(pathOf('is-file'), 'utf8')).toBe('before');
});

test('where the system lets nobody make a folder, it says so, and does not try for ever', () => {
  expect(() => createOrReplaceFiles([['/proc/new/x', '1']])).toThrow(
    '/proc/new/x cannot be written: ENOENT: ',
  );
});

test('a signal in the middle waits until all are in their place: SIGINT, SIGTERM, SIGHUP', () => {
  const program = pathOf('program.ts');
  writeFileSync(
    program,
    `import { createOrReplaceFiles } from '${resolve('lib/tools/process/replace-files')}';
     for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
       const first = ['${folder}/' + signal + '/x', '1'];
       const second = { 0: '${folder}/' + signal + '/y', get 1() { process.kill(process.pid, signal); return '2'; } };
       createOrReplaceFiles([first, { [Symbol.iterator]: () => [second[0], second[1]][Symbol.iterator]() }] as never);
     }`,
  );
  expect(spawnSync(process.execPath, ['scripts/run.cjs', program]).signal).toBeNull();
  expect(listFiles().filter((file) => file.includes('/'))).toEqual([
    'SIGHUP/x',
    'SIGHUP/y',
    'SIGINT/x',
    'SIGINT/y',
    'SIGTERM/x',
    'SIGTERM/y',
  ]);
});
