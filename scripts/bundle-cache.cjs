// Caches the bundle of a program, and V8's compilation of the bundle, in node_modules/.cache. A synthesis without a
// changed source then neither bundles nor compiles. A cached bundle is valid if no file in the folders of its sources
// has changed, and if the cached files are undamaged. Otherwise, or without a writable cache, the program is bundled
// again.
const fs = require('node:fs');
const path = require('node:path');
const {
  areUnchangedSince,
  digest,
  listSourceFiles,
  writeCacheFiles,
  cachePath,
  root,
  digestFileStates,
} = require('./kept-files.cjs');

/**
 * Returns the cached bundle with this name: its code, V8's compilation, a function that reads the source map, and the
 * source files. Returns `undefined` if there is no valid bundle.
 */
function readCachedBundle(name) {
  const place = cachePath(name);
  try {
    const { folders, ...kept } = JSON.parse(fs.readFileSync(place, 'utf8'));
    const code = fs.readFileSync(`${place}.js`);
    const compiled = fs.readFileSync(`${place}.v8`);
    const files = listSourceFiles(folders);
    if (digest(code) !== kept.code || digest(compiled) !== kept.compiled) return undefined;
    if (digestFileStates(files) !== kept.state) return undefined;
    return { code: code.toString(), compiled, map: () => fs.readFileSync(`${place}.map`, 'utf8'), files };
  } catch {
    return undefined;
  }
}

/** Caches a bundle, V8's compilation of the bundle, and the state of the sources. */
function cacheBundle(name, { code, map, folders, state, compiled }) {
  const entry = { folders, state, code: digest(code), compiled: digest(compiled) };
  writeCacheFiles(cachePath(name), {
    '.js': code,
    '.map': map(),
    '.v8': compiled,
    '': JSON.stringify(entry),
  });
}

/**
 * Returns the sources of a bundle: their folders, all files of these folders, and the state of the files. Returns
 * `undefined` if a file changed after `begun`, because the bundle might contain the previous content.
 * @param begun time in milliseconds at which bundling started
 */
function collectSources(program, { inputs }, begun) {
  const folders = collectFolders(program, Object.keys(inputs));
  try {
    const files = listSourceFiles(folders);
    const state = digestFileStates(files);
    return areUnchangedSince(begun, files) ? { folders, files, state } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the folders of the sources, and their parent folders within the project. A new file in one of these folders
 * could be resolved instead of a source.
 */
function collectFolders(program, inputs) {
  const tops = [root, path.dirname(program)];
  const folders = new Set([...tops, __dirname]);
  for (const input of inputs) {
    // Paths from esbuild plugins start with the name of the plugin. A single letter is a Windows drive.
    const file = path.resolve(input.replace(/^\w{2,}:/, ''));
    if (!file.includes('node_modules')) folders.add(path.dirname(file));
  }
  for (const folder of folders) {
    const around = path.dirname(folder);
    if (tops.some((top) => around.startsWith(top + path.sep))) folders.add(around);
  }
  return [...folders].sort();
}

module.exports = { cacheBundle, readCachedBundle, collectSources };
