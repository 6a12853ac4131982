// Lets tests import a shell script as text, as esbuild's loader does for the program.
module.exports = {
  process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }),
};
