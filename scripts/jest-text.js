const { readFileSync } = require('node:fs');

// Lets tests import a shell script as text, as esbuild's loader does for the program. It is read from
// its file, because Jest takes the first line of a script away.
module.exports = {
  process: (_, path) => ({ code: `module.exports = ${JSON.stringify(readFileSync(path, 'utf8'))};` }),
};
