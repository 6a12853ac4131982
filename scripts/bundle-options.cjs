/** How esbuild makes one program of TypeScript files: the project's own are in it, packages are not. */
module.exports = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  packages: 'external',
  loader: {
    '.awk': 'text',
    '.conf': 'text',
    '.html': 'text',
    '.lua': 'text',
    '.mjs': 'text',
    '.sh': 'text',
    '.tmpl': 'text',
    '.yaml': 'text',
  },
  logLevel: 'warning',
};
