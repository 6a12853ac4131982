// Makes build/, which is what `npm pack` and `npm publish` ship: the library as CommonJS, and the types of
// what it exports.
//
// One file loads faster than two hundred, and there is one copy of each class, whether `import` or `require`
// asks for it: Node reads its names for both. The commands are a file of their own, which a synthesis does not load.
const { execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { build, transformSync } = require('esbuild');
const bundleOptions = require('./bundle-options.cjs');
const { FILE, packLongTexts, packed, packedTexts } = require('./packed-texts.cjs');
const { publicTypes } = require('./public-types.cjs');

const root = path.resolve(__dirname, '..');
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');

/**
 * Lets classes keep their names, which the command `where` prints. The names of all functions (`keepNames`) would be a
 * twentieth of the package.
 */
const nameClasses = (source) =>
  source.replace(
    /^(?:export )?(?:abstract )?class (\w+)[^{]*\{/gm,
    "$& static { Object.defineProperty(this, 'name', { value: '$1' }); }",
  );

/** Replaces parts of the library's sources for the package. */
const sources = {
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lib[\\/].*\.ts$/ }, ({ path: file }) => ({
      loader: 'ts',
      contents: packLongTexts(nameClasses(readFileSync(file, 'utf8')), file),
    }));
  },
};

void make();

async function make() {
  rmSync(path.join(root, 'build'), { recursive: true, force: true });
  await bundle();
  writeTypes();
}

/** esbuild can only split ES modules, so each output file is converted to CommonJS afterwards. */
async function bundle() {
  // Programs in ConfigMaps are text, and stay unchanged.
  const form = { minify: true, charset: 'utf8' };
  const { outputFiles } = await build({
    ...bundleOptions,
    ...form,
    plugins: [packed, sources],
    absWorkingDir: root,
    entryPoints: ['lib/index.ts'],
    outdir: 'build/lib',
    format: 'esm',
    splitting: true,
    chunkNames: '[name]',
    banner: { js: '"use strict";' },
    write: false,
  });
  mkdirSync(path.join(root, 'build/lib'), { recursive: true });
  writeFileSync(path.join(root, 'build/lib', FILE), packedTexts());
  for (const { path: file, text } of outputFiles) {
    const { code } = transformSync(text, {
      ...form,
      format: 'cjs',
      platform: 'node',
      target: bundleOptions.target,
      // For bundlers and test runners, which look for `require` in CommonJS.
      supported: { 'dynamic-import': false },
    });
    writeFileSync(file, code);
  }
}

/** The compiler writes one file per source, but the package has a single file of types. */
function writeTypes() {
  const folder = path.join(root, 'build/types');
  const compilation = ['--project', 'tsconfig.build.json', '--outDir', folder];
  execFileSync(process.execPath, [compiler, ...compilation], { cwd: root, stdio: 'inherit' });
  const types = publicTypes(folder, path.join(folder, 'lib/index.d.ts'));
  writeFileSync(path.join(root, 'build/lib/index.d.ts'), types);
  rmSync(folder, { recursive: true });
}
