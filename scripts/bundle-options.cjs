const { addSources, programs } = require('./bundle-program.cjs');
const { TEXTS, textOf } = require('./text-of.cjs');

const texts = {
  name: 'texts',
  setup(build) {
    const files = new Set();
    addSources(build, files);
    build.onLoad({ filter: TEXTS }, ({ path }) => {
      const joined = new Set();
      const contents = textOf(path, joined);
      for (const file of joined) files.add(file);
      return { contents, loader: 'text' };
    });
  },
};

/**
 * esbuild options for TypeScript programs of this project. A bundle contains the project's own files, but no packages.
 */
module.exports = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  packages: 'external',
  plugins: [texts, programs],
  logLevel: 'warning',
};
