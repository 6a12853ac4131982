// Makes build/, which `npm pack` and `npm publish` ship: the library as CommonJS, and the types of its exports.
//
// The library is one file, because that loads faster than two hundred files. There is only one copy of each class,
// because `import` and `require` load the same file: Node can read the names of its exports for both. The commands are
// in a separate file, which a synthesis does not load.
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
 * esbuild plugin that lets classes keep their names, because the command `where` prints the names. Keeping the names of
 * all functions (`keepNames`) would make the package a twentieth larger.
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

void buildPackage();

async function buildPackage() {
  rmSync(path.join(root, 'build'), { recursive: true, force: true });
  await bundleLibrary();
  writeTypes();
}

/** Bundles the library. esbuild can only split ES modules, so each output file is converted to CommonJS afterwards. */
async function bundleLibrary() {
  // `minify` does not change programs in ConfigMaps, because they are text.
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
      // Replaces dynamic imports by `require`, because bundlers and test runners look for `require` in CommonJS.
      supported: { 'dynamic-import': false },
    });
    writeFileSync(file, code);
  }
}

/** Writes the types of the package to a single file. The compiler writes one file per source before. */
function writeTypes() {
  const folder = path.join(root, 'build/types');
  const compilation = ['--project', 'tsconfig.build.json', '--outDir', folder];
  execFileSync(process.execPath, [compiler, ...compilation], { cwd: root, stdio: 'inherit' });
  const types = publicTypes(folder, path.join(folder, 'lib/index.d.ts'));
  writeFileSync(path.join(root, 'build/lib/index.d.ts'), types);
  rmSync(folder, { recursive: true });
}
