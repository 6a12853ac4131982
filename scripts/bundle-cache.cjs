// Keeps the bundle of a program, and what V8 compiled of it, in node_modules/.cache, so that a synthesis without a changed
// source neither bundles nor compiles. A kept bundle counts as long as no file beside its sources is written again,
// and the kept files have their content; otherwise, or where nothing can be kept, the program is bundled again.
const fs = require('node:fs');
const path = require('node:path');
const { areUnchangedSince, digest, filesIn, keep, placeOf, root, stateOf } = require('./kept-files.cjs');

/**
 * Returns the cached bundle with this name: code, V8 cache, source map on request, and its source files; undefined if
 * there is none.
 */
function keptBundle(name) {
  const place = placeOf(name);
  try {
    const { folders, ...kept } = JSON.parse(fs.readFileSync(place, 'utf8'));
    const code = fs.readFileSync(`${place}.js`);
    const compiled = fs.readFileSync(`${place}.v8`);
    const files = filesIn(folders);
    if (digest(code) !== kept.code || digest(compiled) !== kept.compiled) return undefined;
    if (stateOf(files) !== kept.state) return undefined;
    return { code: code.toString(), compiled, map: () => fs.readFileSync(`${place}.map`, 'utf8'), files };
  } catch {
    return undefined;
  }
}

/** Caches a bundle, V8's compilation of it, and the state of its sources. */
function keepBundle(name, { code, map, folders, state, compiled }) {
  const entry = { folders, state, code: digest(code), compiled: digest(compiled) };
  keep(placeOf(name), { '.js': code, '.map': map(), '.v8': compiled, '': JSON.stringify(entry) });
}

/**
 * Returns the sources of a bundle that was started at a time in milliseconds: their folders, files, and the state of
 * these files. Undefined if a file changed meanwhile, because the bundle might have the previous content.
 */
function sourcesOf(program, { inputs }, begun) {
  const folders = foldersOf(program, Object.keys(inputs));
  try {
    const files = filesIn(folders);
    const state = stateOf(files);
    return areUnchangedSince(begun, files) ? { folders, files, state } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the folders of sources and their parents, in which a new file could take precedence over a source. */
function foldersOf(program, inputs) {
  const tops = [root, path.dirname(program)];
  const folders = new Set([...tops, __dirname]);
  for (const input of inputs) {
    // Paths of plugins start with the plugin's name; a drive letter is no plugin.
    const file = path.resolve(input.replace(/^\w{2,}:/, ''));
    if (!file.includes('node_modules')) folders.add(path.dirname(file));
  }
  for (const folder of folders) {
    const around = path.dirname(folder);
    if (tops.some((top) => around.startsWith(top + path.sep))) folders.add(around);
  }
  return [...folders].sort();
}

module.exports = { keepBundle, keptBundle, sourcesOf };
