const { createHash } = require('node:crypto');
const path = require('node:path');
const { transformSync } = require('esbuild');
const { bundleProgram } = require('./bundle-program.cjs');
const { textOf } = require('./text-of.cjs');

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
      sourcefile: filename,
      sourcemap: 'external',
    });
    return { code, map };
  },

  /** A program changes with each of its modules, and a script with each of its parts. */
  getCacheKey(source, filename, { configString, instrument }) {
    const content = hasText(filename) ? text(filename) : source;
    return createHash('sha256')
      .update(JSON.stringify([content, filename, configString, instrument]))
      .digest('hex');
  },
};

/** Jest is told to take `main.mjs?bundle` for `main.mjs`, which no test imports as code. */
const isProgram = (filename) => path.basename(filename) === 'main.mjs';

const hasText = (filename) => isProgram(filename) || !/\.m?[jt]s$/.test(filename);

const text = (filename) => (isProgram(filename) ? bundleProgram(filename) : textOf(filename));
