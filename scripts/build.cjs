// Makes build/, which is what `npm pack` and `npm publish` ship: the library as one CommonJS file, and its
// types, file by file.
//
// One file loads faster than two hundred, and there is one copy of each class, whether `import` or `require`
// asks for it: Node reads its names for both.
const { execFileSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const path = require('node:path');
const { buildSync } = require('esbuild');
const bundleOptions = require('./bundle-options.cjs');

const root = path.resolve(__dirname, '..');
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');

rmSync(path.join(root, 'build'), { recursive: true, force: true });
buildSync({
  ...bundleOptions,
  absWorkingDir: root,
  entryPoints: ['lib/index.ts'],
  outfile: 'build/lib/index.js',
  format: 'cjs',
});
execFileSync(process.execPath, [compiler, '--project', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
