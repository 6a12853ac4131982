const { createHash } = require('node:crypto');
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

/** The modules of a program, each with the comment that names it, and what stands before the first. */
const modulesIn = (text) => text.split(/^(?=\/\/ \S+\.mjs$)/m);

const hashOf = (text) => createHash('sha256').update(text).digest('hex');

/** An import of `main.mjs?bundle` is the program's text. What several programs share stands once in what imports them. */
const programs = {
  name: 'programs',
  setup(build) {
    const modules = new Map();
    build.onResolve({ filter: /\.mjs\?bundle$/ }, ({ path: name, resolveDir }) => ({
      path: path.join(resolveDir, name.replace(/\?bundle$/, '')),
      namespace: 'program',
    }));
    build.onLoad({ filter: /./, namespace: 'program' }, async ({ path: program }) => {
      const hashes = modulesIn(textIn(await build.esbuild.build(optionsOf(program)))).map((text) => {
        const hash = hashOf(text);
        modules.set(hash, text);
        return hash;
      });
      return {
        contents: [
          ...hashes.map((hash, index) => `import text${index} from 'module-text:${hash}';`),
          `export default [${hashes.map((_, index) => `text${index}`)}].join('');`,
        ].join('\n'),
        loader: 'js',
      };
    });
    build.onResolve({ filter: /^module-text:/ }, ({ path: name }) => ({
      path: name.slice('module-text:'.length),
      namespace: 'module-text',
    }));
    build.onLoad({ filter: /./, namespace: 'module-text' }, ({ path: hash }) => ({
      contents: modules.get(hash),
      loader: 'text',
    }));
  },
};

module.exports = { bundleProgram, programs };
