// Prints a file of the page with all that it imports: `node preview/bundle.cjs preview/page/main.ts`. A program of its
// own, since esbuild's library does not work inside of tests.
const { buildSync } = require('esbuild');

const [entry] = process.argv.slice(2);
const options = { bundle: true, minify: true, write: false, target: 'es2022', logLevel: 'warning' };
const [file] = buildSync({ ...options, entryPoints: [entry] }).outputFiles;
process.stdout.write(file.text);
