const path = require('node:path');

const root = path.resolve(__dirname, '..');

/**
 * Returns the esbuild options for a program that manifests ship. The bundle is one text that joins the program's
 * modules. It is readable, and identical on each machine.
 */
const bundleOptions = (program) => ({
  entryPoints: [program],
  absWorkingDir: root,
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  // Version of Node.js in the image of the program.
  target: 'node24',
  // Escapes invisible characters.
  charset: 'ascii',
  // Ignores tsconfig.json, whose options are for the type check.
  tsconfigRaw: {},
  banner: {
    js: `// Bundled from ${path.relative(root, program).replaceAll(path.sep, '/')} and its imports, where the comments are.`,
  },
  logLevel: 'warning',
});

const outputText = ({ outputFiles: [{ text }] }) => text;

/** Returns the bundled text of a program. @param program path of its main module */
const bundleProgram = (program) => outputText(require('esbuild').buildSync(bundleOptions(program)));

/**
 * Adds files that a plugin reads itself to the sources of the bundle. A cached bundle becomes invalid when one of these
 * files changes.
 */
function addSources(build, sources) {
  build.onEnd(({ metafile }) => {
    for (const source of metafile ? sources : []) metafile.inputs[source] ??= { bytes: 0, imports: [] };
  });
}

/** esbuild plugin: an import of `main.mjs?bundle` returns the bundled text of the program. */
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
      const bundle = await build.esbuild.build({ ...bundleOptions(program), metafile: true });
      for (const input of Object.keys(bundle.metafile.inputs)) modules.add(path.resolve(root, input));
      return { contents: outputText(bundle), loader: 'text' };
    });
  },
};

module.exports = { addSources, bundleProgram, programs };
