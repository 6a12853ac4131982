const { readFileSync } = require('node:fs');
const { transformSync } = require('esbuild');
const { textOf } = require('./text-of.cjs');

// Hands tests what esbuild hands the program: TypeScript without type checks, other files as text.
// A shell script is read from its file, because Jest takes its first line away.
module.exports = {
  process(source, filename) {
    const isCode = /\.[jt]s$/.test(filename);
    const { code, map } = transformSync(isCode ? source : textOf(readFileSync(filename, 'utf8')), {
      loader: isCode ? 'ts' : 'text',
      format: 'cjs',
      target: 'node20',
      sourcefile: filename,
      sourcemap: 'external',
    });
    return { code, map };
  },
};
