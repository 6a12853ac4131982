const { readFileSync } = require('node:fs');
const { transformSync } = require('esbuild');

// Hands tests what esbuild hands the program: TypeScript without type checks, shell scripts as text.
// A script is read from its file, because Jest takes its first line away.
module.exports = {
  process(source, filename) {
    const isScript = filename.endsWith('.sh');
    const { code, map } = transformSync(isScript ? readFileSync(filename, 'utf8') : source, {
      loader: isScript ? 'text' : 'ts',
      format: 'cjs',
      target: 'node20',
      sourcefile: filename,
      sourcemap: 'external',
    });
    return { code, map };
  },
};
