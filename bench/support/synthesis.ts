import { spawnSync } from 'node:child_process';
import { EXIT } from '../../lib/tools/commands/exit-codes';

/** Program for the lower bound of a synthesis: it only reads the objects from a JSON file, and renders each as YAML. */
export const FLOOR = `
const { stringify } = require('yaml');
const objects = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
let length = 0;
for (const object of objects) length += stringify(object, { lineWidth: 0, version: '1.1' }).length;
if (length === 0) process.exit(1);
`;

/**
 * Runs a command without a shell, and returns its duration in seconds.
 * @throws Error if the exit code is not `expected`.
 */
export function timeCommand(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  expected: number = EXIT.done,
): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (status !== expected) {
    throw new Error(`${program} ${args.slice(0, 3).join(' ')} ended with ${status}: ${stderr}`);
  }
  return Number(process.hrtime.bigint() - start) / 1e9;
}
