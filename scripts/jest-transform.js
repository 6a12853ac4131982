const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync, version } = require('esbuild');
const { bundleProgram } = require('./bundle-program.cjs');
const { textOf } = require('./text-of.cjs');

/**
 * Everything that the result of a transformation depends on, apart from the file itself: the version of esbuild, and
 * the code of the transformer.
 */
const TRANSFORMATION = [
  version,
  ...['jest-transform.js', 'bundle-program.cjs', 'text-of.cjs'].map((name) =>
    readFileSync(path.join(__dirname, name), 'utf8'),
  ),
];

// Transforms files for tests in the same way as esbuild bundles them. TypeScript and modules of shipped programs become
// code, without type checks. `main.mjs` of a program and all other files become texts. A shell script is read from its
// file again, because Jest removes its first line.
module.exports = {
  process(source, filename) {
    const isText = isTextFile(filename);
    const { code, map } = transformSync(isText ? fileText(filename) : source, {
      loader: isText ? 'text' : 'ts',
      format: 'cjs',
      target: 'node20',
      // Replaces dynamic imports by `require`, because Node in Jest only supports dynamic imports with a flag.
      supported: { 'dynamic-import': false },
      sourcefile: filename,
      sourcemap: 'external',
    });
    return { code, map };
  },

  /**
   * Returns a key that changes with the transformer and with the content of the file. For a program, the content
   * includes all its modules; for a shell script, it includes the scripts that it includes.
   */
  getCacheKey(source, filename, { configString, instrument }) {
    const content = isTextFile(filename) ? fileText(filename) : source;
    return createHash('sha256')
      .update(JSON.stringify([TRANSFORMATION, content, filename, configString, instrument]))
      .digest('hex');
  },
};

/**
 * Returns whether a file is the main module of a program. Jest is configured to resolve `main.mjs?bundle` to
 * `main.mjs`, and no test imports `main.mjs` as code.
 */
const isProgram = (filename) => path.basename(filename) === 'main.mjs';

const isTextFile = (filename) => isProgram(filename) || !/\.m?[jt]s$/.test(filename);

const fileText = (filename) => (isProgram(filename) ? bundleProgram(filename) : textOf(filename));
