import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What a synthesis cannot be faster than: a process that reads the same objects, and writes each as text. */
export const FLOOR = `
const { stringify } = require('yaml');
const objects = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
let length = 0;
for (const object of objects) length += stringify(object, { lineWidth: 0, version: '1.1' }).length;
if (length === 0) process.exit(1);
`;

/** Seconds of a command, without a shell, from start to end. */
export function secondsOf([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 2).join(' ')} failed: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Every object below a folder of manifests. */
export const objectsOf = (dist: string): unknown[] =>
  readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => parse(readFileSync(join(dist, path), 'utf8')));

/** The value in the middle. */
export const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
