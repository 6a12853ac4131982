// Bundles files of the page with everything that they import, and prints the texts of the bundles as a JSON list: `node
// preview/bundle.cjs FILE...`. This is a separate program, because esbuild's library does not work inside Jest.
const { buildSync } = require('esbuild');

const options = { bundle: true, minify: true, write: false, target: 'es2022', logLevel: 'warning' };
const texts = process.argv
  .slice(2)
  .map((entry) => buildSync({ ...options, entryPoints: [entry] }).outputFiles[0].text);
process.stdout.write(JSON.stringify(texts));
