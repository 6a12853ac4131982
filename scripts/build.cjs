// Makes build/, which is what `npm pack` and `npm publish` ship: the library as one CommonJS file, and the types of
// what it exports, file by file.
//
// One file loads faster than two hundred, and there is one copy of each class, whether `import` or `require`
// asks for it: Node reads its names for both.
const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { build } = require('esbuild');
const bundleOptions = require('./bundle-options.cjs');
const packedTexts = require('./packed-texts.cjs');
const { keepPublicTypes } = require('./public-types.cjs');

const root = path.resolve(__dirname, '..');
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');

void make();

async function make() {
  rmSync(path.join(root, 'build'), { recursive: true, force: true });
  await build({
    ...bundleOptions,
    plugins: [packedTexts],
    absWorkingDir: root,
    entryPoints: ['lib/index.ts'],
    outfile: 'build/lib/index.js',
    format: 'cjs',
    // Functions and classes keep their names, for stack traces; what ships in ConfigMaps is text, and stays as it is.
    minify: true,
    keepNames: true,
    charset: 'utf8',
  });
  execFileSync(process.execPath, [compiler, '--project', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  keepPublicTypes(path.join(root, 'build'), path.join(root, 'build/lib/index.d.ts'));
  removeUnreached();
  indentByTabs();
}

/** Types that nobody can name, since nothing that the package exports leads to them. */
function removeUnreached() {
  const reached = new Set();
  reach(path.join(root, 'build/lib/index.d.ts'), reached);
  for (const name of readdirSync(path.join(root, 'build'), { recursive: true, encoding: 'utf8' })) {
    const file = path.join(root, 'build', name);
    if (file.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

/** A tab in place of four spaces: they are a tenth of the types. */
function indentByTabs() {
  const folder = path.join(root, 'build');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = path.join(folder, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4)),
    );
  }
}

function reach(file, reached) {
  if (reached.has(file) || !existsSync(file)) return;
  reached.add(file);
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)) {
    const imported = path.resolve(path.dirname(file), name);
    // A folder is imported by its index.
    reach(`${imported}.d.ts`, reached);
    reach(path.join(imported, 'index.d.ts'), reached);
  }
}
