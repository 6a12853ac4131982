const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync, version } = require('esbuild');
const { bundleProgram } = require('./bundle-program.cjs');
const { textOf } = require('./text-of.cjs');

/** What makes the code of tests. */
const TRANSFORMATION = [
  version,
  ...['jest-transform.js', 'bundle-program.cjs', 'text-of.cjs'].map((name) =>
    readFileSync(path.join(__dirname, name), 'utf8'),
  ),
];

// Hands tests what esbuild hands the program: TypeScript without type checks, the modules of programs that manifests
// ship as code, what constructs import of them as text, and other files as text.
// A shell script is read from its file, because Jest takes its first line away.
module.exports = {
  process(source, filename) {
    const isText = hasText(filename);
    const { code, map } = transformSync(isText ? text(filename) : source, {
      loader: isText ? 'text' : 'ts',
      format: 'cjs',
      target: 'node20',
      // As Node does without a flag only outside of Jest.
      supported: { 'dynamic-import': false },
      sourcefile: filename,
      sourcemap: 'external',
    });
    return { code, map };
  },

  /** What is made of a file changes with the transformation, a program also with each of its modules, a script with its parts. */
  getCacheKey(source, filename, { configString, instrument }) {
    const content = hasText(filename) ? text(filename) : source;
    return createHash('sha256')
      .update(JSON.stringify([TRANSFORMATION, content, filename, configString, instrument]))
      .digest('hex');
  },
};

/** Jest is told to take `main.mjs?bundle` for `main.mjs`, which no test imports as code. */
const isProgram = (filename) => path.basename(filename) === 'main.mjs';

const hasText = (filename) => isProgram(filename) || !/\.m?[jt]s$/.test(filename);

const text = (filename) => (isProgram(filename) ? bundleProgram(filename) : textOf(filename));
