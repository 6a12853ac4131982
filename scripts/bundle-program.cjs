const path = require('node:path');

const root = path.resolve(__dirname, '..');

/**
 * Bundles a program that manifests ship into one text: its own modules are joined, readable, and identical on each
 * machine.
 */
const optionsOf = (program) => ({
  entryPoints: [program],
  absWorkingDir: root,
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  // The Node version of its image.
  target: 'node24',
  // Invisible characters stay escaped.
  charset: 'ascii',
  // The settings of the type check are not needed here.
  tsconfigRaw: {},
  banner: {
    js: `// Bundled from ${path.relative(root, program).replaceAll(path.sep, '/')} and its imports, where the comments are.`,
  },
  logLevel: 'warning',
});

const textIn = ({ outputFiles: [{ text }] }) => text;

/** Returns the text of a program, given the path of its main module. */
const bundleProgram = (program) => textIn(require('esbuild').buildSync(optionsOf(program)));

/**
 * Adds files that a plugin reads by itself to the sources of the bundle, so that a cached bundle is not used after one
 * of them has changed.
 */
function addSources(build, sources) {
  build.onEnd(({ metafile }) => {
    for (const source of metafile ? sources : []) metafile.inputs[source] ??= { bytes: 0, imports: [] };
  });
}

/** An import of `main.mjs?bundle` returns the text of the program. */
const programs = {
  name: 'programs',
  setup(build) {
    const modules = new Set();
    addSources(build, modules);
    build.onResolve({ filter: /\.mjs\?bundle$/ }, ({ path: name, resolveDir }) => ({
      path: path.join(resolveDir, name.replace(/\?bundle$/, '')),
      namespace: 'program',
    }));
    build.onLoad({ filter: /./, namespace: 'program' }, async ({ path: program }) => {
      const bundle = await build.esbuild.build({ ...optionsOf(program), metafile: true });
      for (const input of Object.keys(bundle.metafile.inputs)) modules.add(path.resolve(root, input));
      return { contents: textIn(bundle), loader: 'text' };
    });
  },
};

module.exports = { addSources, bundleProgram, programs };
