import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** For tests and benchmarks, because a bundled benchmark does not know the folder of this file. */
const ROOT = resolve('.');

/**
 * The folder of the examples' manifests, an example each: synthesized by the first process that asks, and gone with it. Which
 * environments main.ts has does not matter to the tests.
 */
export function examplesFolder(): string {
  process.env.E2E_EXAMPLES ??= synthesized();
  return process.env.E2E_EXAMPLES;
}

function synthesized(): string {
  const folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-examples-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = [join(ROOT, 'scripts/run.cjs'), join(ROOT, 'examples/environments/main.ts')];
  // It runs where no lock of images is.
  execFileSync(process.execPath, program, {
    cwd: folder,
    env: { ...process.env, CDK8S_OUTDIR: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return folder;
}
