// Prints files of the page, each with all that it imports, as a JSON list of their texts: `node preview/bundle.cjs FILE...`.
// A program of its own, since esbuild's library does not work inside of tests.
const { buildSync } = require('esbuild');

const options = { bundle: true, minify: true, write: false, target: 'es2022', logLevel: 'warning' };
const texts = process.argv
  .slice(2)
  .map((entry) => buildSync({ ...options, entryPoints: [entry] }).outputFiles[0].text);
process.stdout.write(JSON.stringify(texts));
