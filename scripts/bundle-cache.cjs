// Keeps the bundle of a program, and what V8 compiled of it, in node_modules/.cache, so that a synthesis without a changed
// source neither bundles nor compiles. A kept bundle counts as long as each file beside its sources has the content that it had,
// and the kept files have theirs; otherwise, or where nothing can be kept, the program is bundled anew.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const CACHE = path.join(root, 'node_modules/.cache');
const FOLDER = path.join(CACHE, 'cdk8s-edge-observability');
/** Bundles that are kept: those of clones that are gone would stay. */
const MOST = 20;

/** Code, and texts of programs. */
const SOURCE = /\.(awk|conf|html|[cm]?[jt]sx?|json|lua|sh|tmpl|ya?ml)$/;

const digest = (content) => createHash('sha256').update(content).digest('hex');

/** The kept bundle of this name: its code, what V8 compiled of it, and, if wanted, its source map; undefined if none is kept. */
function keptBundle(name) {
  const place = placeOf(name);
  try {
    const { folders, ...kept } = JSON.parse(fs.readFileSync(place, 'utf8'));
    const code = fs.readFileSync(`${place}.js`);
    const compiled = fs.readFileSync(`${place}.v8`);
    if (digest(code) !== kept.code || digest(compiled) !== kept.compiled) return undefined;
    if (stateOf(filesIn(folders)) !== kept.state) return undefined;
    return { code: code.toString(), compiled, map: () => fs.readFileSync(`${place}.map`, 'utf8') };
  } catch {
    return undefined;
  }
}

/**
 * Notes the state of the sources of a bundle that was begun at a time in milliseconds.
 *
 * @returns a function that keeps the bundle with what V8 compiled of it; none where a source changed meanwhile: the bundle
 * might be of the state before.
 */
function keeper(name, program, { code, map, metafile }, begun) {
  const folders = foldersOf(program, metafile);
  const state = stateUnchangedSince(begun, filesIn(folders));
  if (!state) return undefined;
  return (compiled) => {
    // Without packages there is no place for it.
    if (!fs.existsSync(path.dirname(CACHE))) return;
    fs.mkdirSync(FOLDER, { recursive: true });
    const place = placeOf(name);
    write(`${place}.js`, code);
    write(`${place}.map`, map);
    write(`${place}.v8`, compiled);
    write(place, JSON.stringify({ folders, state, code: digest(code), compiled: digest(compiled) }));
    removeOldest();
  };
}

const placeOf = (name) => path.join(FOLDER, digest(name).slice(0, 32));

/** The folders of a bundle's sources, and those around them, where a new file could come before one of them. */
function foldersOf(program, { inputs }) {
  const tops = [root, path.dirname(program)];
  const folders = new Set([...tops, __dirname]);
  for (const input of Object.keys(inputs)) {
    // Those of a plugin begin with its name; the letter of a drive is one.
    const file = path.resolve(input.replace(/^\w{2,}:/, ''));
    if (!file.includes('node_modules')) folders.add(path.dirname(file));
  }
  for (const folder of folders) {
    const around = path.dirname(folder);
    if (tops.some((top) => around.startsWith(top + path.sep))) folders.add(around);
  }
  return [...folders].sort();
}

/** Files in these folders that a bundle can have read. */
const filesIn = (folders) =>
  folders.flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((name) => SOURCE.test(name))
      .map((name) => path.join(folder, name)),
  );

/** What these files hold, and which Node reads them. */
function stateOf(files) {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
  for (const file of files) hash.update(`\0${file}\0`).update(fs.readFileSync(file));
  return hash.digest('hex');
}

/** The same, where no file changed since a time, and each can be read. */
function stateUnchangedSince(begun, files) {
  try {
    const state = stateOf(files);
    return files.every((file) => fs.statSync(file).mtimeMs < begun) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Another process finds the file as it was, or whole. */
function write(file, content) {
  fs.writeFileSync(`${file}.${process.pid}`, content);
  fs.renameSync(`${file}.${process.pid}`, file);
}

function removeOldest() {
  const age = (place) => -fs.statSync(place).mtimeMs;
  const places = fs
    .readdirSync(FOLDER)
    .filter((name) => path.extname(name) === '')
    .map((name) => path.join(FOLDER, name))
    .sort((one, other) => age(one) - age(other));
  for (const place of places.slice(MOST)) {
    for (const end of ['', '.js', '.map', '.v8']) fs.rmSync(`${place}${end}`, { force: true });
  }
}

module.exports = { keeper, keptBundle };
