import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder tree as a node has it, with files in both formats. */
const NODE = join(__dirname, 'node');

/** Files of containers, by the path that a node knows them by. */
export const podLogFiles = (): string[] =>
  readdirSync(NODE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.log'))
    .map((path) => `/${path}`)
    .sort();

/** The lines of such a file. */
export const linesOf = (file: string): string[] =>
  readFileSync(join(NODE, file), 'utf8').trimEnd().split('\n');

/** The one that Docker wrote; the others are the CRI's. */
export const DOCKER_FILE = podLogFiles().find((file) => file.includes('etcd')) ?? '';
