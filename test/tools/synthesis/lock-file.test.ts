import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images } from '../../../lib';
import { readImageLock } from '../../../lib/tools/synthesis/lock-file';

const LOCK = { version: 1, images: { [images.curl]: `sha256:${'a'.repeat(64)}` } };

let file: string;
const before = process.env.IMAGES_LOCK;

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'lock-')), 'other.json');
  process.env.IMAGES_LOCK = file;
});

afterEach(() => {
  process.env.IMAGES_LOCK = before;
  rmSync(join(file, '..'), { recursive: true });
});

test('the file that IMAGES_LOCK names is read', () => {
  writeFileSync(file, JSON.stringify(LOCK));
  expect(readImageLock()).toEqual(LOCK);
});

test('no file is no lock, and so is an empty name', () => {
  expect(readImageLock()).toBeUndefined();
  process.env.IMAGES_LOCK = '';
  expect(readImageLock()).toBeUndefined();
});

test.each(['', 'null', '<<<<<<< HEAD', '{ "version": 2, "images": {} }'])('%j is no lock', (text) => {
  writeFileSync(file, text);
  expect(readImageLock).toThrow(
    `${file} is not a valid image lock: run npm run --silent lock-images to write the file again`,
  );
});
