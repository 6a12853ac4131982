import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import packageJson from '../../package.json';

/** Returns the errors of the compiler in the programs below a folder, as a user of the package would see them. */
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
  // The compiler checks again what depends on changed content, or everything if it cannot read this file. All folders
  // share the file, because most of what is checked is the library. Several threads would check the same types twice.
  const cache = `${root}/node_modules/.cache/types.tsbuildinfo`;
  return runProgram(
    'node_modules/.bin/tsc',
    ...['--project', folder, '--singleThreaded', '--incremental', '--tsBuildInfoFile', cache],
  );
}

/** Returns the output of a program, even if it failed. */
export function runProgram(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (failure) {
    const { stdout, stderr } = failure as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

/** Runs a program, and returns its exports; a function provides its imports. */
export function executeSource(source: string, importing: (name: string) => unknown): Record<string, unknown> {
  const { code } = transformSync(source, { loader: 'ts', format: 'cjs', target: 'node20' });
  const module = { exports: {} as Record<string, unknown> };
  new Function('require', 'module', 'exports', code)(importing, module, module.exports);
  return module.exports;
}
