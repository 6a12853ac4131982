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

/** An import of `main.mjs?bundle` returns the text of the program. */
const programs = {
  name: 'programs',
  setup(build) {
    build.onResolve({ filter: /\.mjs\?bundle$/ }, ({ path: name, resolveDir }) => ({
      path: path.join(resolveDir, name.replace(/\?bundle$/, '')),
      namespace: 'program',
    }));
    build.onLoad({ filter: /./, namespace: 'program' }, async ({ path: program }) => ({
      contents: textIn(await build.esbuild.build(optionsOf(program))),
      loader: 'text',
    }));
  },
};

module.exports = { bundleProgram, programs };
