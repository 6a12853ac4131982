import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import packageJson from '../../package.json';

/**
 * Compiles the programs below a folder, as a user of the package would. Returns the errors of the compiler, or an empty
 * text.
 */
export function typeErrors(folder: string): string {
  const root = resolve('.');
  const compilerOptions = {
    noEmit: true,
    typeRoots: [`${root}/node_modules/@types`],
    paths: { [packageJson.name]: [`${root}/lib/index.ts`], '*': [`${root}/node_modules/*`] },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: `${root}/tsconfig.json`,
      compilerOptions,
      include: [folder, `${root}/lib/*.d.ts`],
    }),
  );
  // The cache file lets the compiler check only what depends on changed files. All folders share one file, because most
  // of the checked code is the library. Several threads would check the same types twice, so there is only one.
  const cache = `${root}/node_modules/.cache/types.tsbuildinfo`;
  return runProgram(
    'node_modules/.bin/tsc',
    ...['--project', folder, '--singleThreaded', '--incremental', '--tsBuildInfoFile', cache],
  );
}

/** Runs a program, and returns its output, even if the program failed. */
export function runProgram(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (failure) {
    const { stdout, stderr } = failure as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

/** Runs the code of a module, and returns its exports. @param importing returns the exports of an imported module */
export function executeSource(source: string, importing: (name: string) => unknown): Record<string, unknown> {
  const { code } = transformSync(source, { loader: 'ts', format: 'cjs', target: 'node20' });
  const module = { exports: {} as Record<string, unknown> };
  new Function('require', 'module', 'exports', code)(importing, module, module.exports);
  return module.exports;
}
