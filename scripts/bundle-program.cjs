const path = require('node:path');

const root = path.resolve(__dirname, '..');

/** How a program that manifests ship becomes one text: its own modules are joined, readable, the same on each machine. */
const optionsOf = (program) => ({
  entryPoints: [program],
  absWorkingDir: root,
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  // That of its image.
  target: 'node24',
  // What is invisible stays an escape.
  charset: 'ascii',
  // The type check's settings are of no matter here, and need not be there.
  tsconfigRaw: {},
  banner: {
    js: `// Bundled from ${path.relative(root, program).replaceAll(path.sep, '/')} and its imports, where the comments are.`,
  },
  logLevel: 'warning',
});

const textIn = ({ outputFiles: [{ text }] }) => text;

/** The text of a program, given the path of its main module. */
const bundleProgram = (program) => textIn(require('esbuild').buildSync(optionsOf(program)));

/** An import of `main.mjs?bundle` is the program's text. */
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
