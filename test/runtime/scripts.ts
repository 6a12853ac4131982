import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIB = join(__dirname, '../../lib');

/** Writes a script of the edge as its construct puts it together, and gives its path. */
export function assembled(path: string, ...parts: readonly string[]): string {
  writeFileSync(path, parts.map((part) => readFileSync(join(LIB, part), 'utf8')).join('\n'));
  return path;
}
