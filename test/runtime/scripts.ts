import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../../scripts/text-of.cjs';

const LIB = join(__dirname, '../../lib');

/**
 * Writes a shell script of lib to a file, together with the scripts that it includes, and returns the path of the file.
 */
export function writeShippedScript(path: string, script: string): string {
  writeFileSync(path, textOf(join(LIB, script)));
  return path;
}
