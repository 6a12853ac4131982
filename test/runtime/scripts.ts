import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../../scripts/text-of.cjs';

const LIB = join(__dirname, '../../lib');

/** Writes a script of the edge as it ships, with its parts in it, and gives its path. */
export function shippedScript(path: string, script: string): string {
  writeFileSync(path, textOf(join(LIB, script)));
  return path;
}
