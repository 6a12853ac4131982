const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync, version } = require('esbuild');
const { bundleProgram } = require('./bundle-program.cjs');
const { textOf } = require('./text-of.cjs');

/** Transforms the code of tests. */
const TRANSFORMATION = [
  version,
  ...['jest-transform.js', 'bundle-program.cjs', 'text-of.cjs'].map((name) =>
    readFileSync(path.join(__dirname, name), 'utf8'),
  ),
];

// Gives tests the same modules as esbuild gives the program: TypeScript without type checks, modules of shipped
// programs as code, bundled imports of them as text, and other files as text. A shell script is read from its file,
// because Jest removes its first line.
module.exports = {
  process(source, filename) {
    const isText = hasText(filename);
    const { code, map } = transformSync(isText ? text(filename) : source, {
      loader: isText ? 'text' : 'ts',
      format: 'cjs',
      target: 'node20',
      // Outside of Jest, Node does this without a flag.
      supported: { 'dynamic-import': false },
      sourcefile: filename,
      sourcemap: 'external',
    });
    return { code, map };
  },

  /**
   * The result for a file changes with the transformer, for a program also with each of its modules, for a script with
   * its parts.
   */
  getCacheKey(source, filename, { configString, instrument }) {
    const content = hasText(filename) ? text(filename) : source;
    return createHash('sha256')
      .update(JSON.stringify([TRANSFORMATION, content, filename, configString, instrument]))
      .digest('hex');
  },
};

/** Jest is configured to resolve `main.mjs?bundle` to `main.mjs`, which no test imports as code. */
const isProgram = (filename) => path.basename(filename) === 'main.mjs';

const hasText = (filename) => isProgram(filename) || !/\.m?[jt]s$/.test(filename);

const text = (filename) => (isProgram(filename) ? bundleProgram(filename) : textOf(filename));
