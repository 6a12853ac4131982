const { programs } = require('./bundle-program.cjs');
const { TEXTS, textOf } = require('./text-of.cjs');

const texts = {
  name: 'texts',
  setup(build) {
    build.onLoad({ filter: TEXTS }, ({ path }) => ({
      contents: textOf(path),
      loader: 'text',
    }));
  },
};

/** Options with which esbuild bundles TypeScript files: the project's own are included, packages are not. */
module.exports = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  packages: 'external',
  plugins: [texts, programs],
  logLevel: 'warning',
};
