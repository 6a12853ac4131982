import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateOutputFolder } from '../../../lib/tools/synthesis/output-folder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const writeFiles = (files: Record<string, string>) =>
  updateOutputFolder(folder, new Map(Object.entries(files)));
const readFileOf = (path: string) => readFileSync(join(folder, path), 'utf8');

test('it makes folders and files, and counts them', () => {
  expect(writeFiles({ 'a/b/x.k8s.yaml': '1', 'a/c/y.k8s.yaml': '2' })).toEqual({
    changed: 2,
    removed: 0,
    unchanged: 0,
  });
  expect(readFileOf('a/c/y.k8s.yaml')).toBe('2');
});

test('a file that is as it should be is not touched', () => {
  writeFiles({ 'a/b/x.k8s.yaml': '1', 'a/b/y.k8s.yaml': '1' });
  const old = new Date('2020-01-01');
  for (const name of ['x', 'y']) utimesSync(join(folder, `a/b/${name}.k8s.yaml`), old, old);
  expect(writeFiles({ 'a/b/x.k8s.yaml': '1', 'a/b/y.k8s.yaml': '2' })).toEqual({
    changed: 1,
    removed: 0,
    unchanged: 1,
  });
  expect(statSync(join(folder, 'a/b/x.k8s.yaml')).mtime).toEqual(old);
  expect(statSync(join(folder, 'a/b/y.k8s.yaml')).mtime).not.toEqual(old);
});

test('a file that is no longer made goes away, and its folders with it', () => {
  writeFiles({ 'a/b/x.k8s.yaml': '1', 'old/b/x.k8s.yaml': '1' });
  expect(writeFiles({ 'a/b/x.k8s.yaml': '1' })).toEqual({ changed: 0, removed: 1, unchanged: 1 });
  expect(existsSync(join(folder, 'old'))).toBe(false);
});

test('what the user put there stays', () => {
  writeFiles({ 'a/b/x.k8s.yaml': '1' });
  mkdirSync(join(folder, 'a/b/deep'));
  const theirs = [
    'README.md',
    'a/kustomization.yaml',
    'a/b/values.yaml',
    'a/b/deep/z.k8s.yaml',
    'top.k8s.yaml',
  ];
  for (const path of theirs) writeFileSync(join(folder, path), 'theirs');
  writeFiles({ 'c/d/x.k8s.yaml': '1' });
  for (const path of theirs) expect(readFileOf(path)).toBe('theirs');
  expect(existsSync(join(folder, 'a/b/x.k8s.yaml'))).toBe(false);
});

test('a folder of the user is no file of ours, whatever its name', () => {
  mkdirSync(join(folder, 'a/b/x.k8s.yaml'), { recursive: true });
  writeFiles({ 'a/b/y.k8s.yaml': '1' });
  expect(() => writeFiles({ 'a/b/x.k8s.yaml': '1' })).toThrow(
    'x.k8s.yaml cannot be written: the path exists and is not a file',
  );
  expect(readdirSync(join(folder, 'a/b'))).toEqual(['x.k8s.yaml', 'y.k8s.yaml']);
});

test('when a file cannot be written, none is changed and nothing is left behind', () => {
  writeFiles({ 'a/b/x.k8s.yaml': 'before' });
  writeFileSync(join(folder, 'a/c'), 'a file where a folder is needed');
  expect(() => writeFiles({ 'a/b/x.k8s.yaml': 'after', 'a/c/y.k8s.yaml': '1' })).toThrow();
  expect(readFileOf('a/b/x.k8s.yaml')).toBe('before');
  expect(readdirSync(join(folder, 'a/b'))).toEqual(['x.k8s.yaml']);
});
