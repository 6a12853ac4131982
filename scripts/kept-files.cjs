// Location of cached bundles and results, and how changed files are detected.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const CACHE = path.join(root, 'node_modules/.cache');
const FOLDER = path.join(CACHE, 'cdk8s-edge-observability');
/** Maximum number of cached programs, so that those of deleted clones are removed. */
const MOST = 20;

/** Source code, and texts of programs. */
const SOURCE = /\.(awk|conf|html|[cm]?[jt]sx?|json|lua|sh|tmpl|ya?ml)$/;

const digest = (content) => createHash('sha256').update(content).digest('hex');

/** Returns the path of a program's cache, to which each kind adds an ending. */
const placeOf = (name) => path.join(FOLDER, digest(name).slice(0, 32));

/** Returns the files in these folders that a bundle may have read. */
const filesIn = (folders) =>
  folders.flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((name) => SOURCE.test(name))
      .map((name) => path.join(folder, name)),
  );

/**
 * Returns the modification times of these files, and the version of Node. Reading their content would take ten times as
 * long.
 */
function stateOf(files) {
  const states = files.map((file) => {
    const { size, ino, ctimeMs } = statOf(file);
    return `${file}\0${size} ${ino} ${ctimeMs}`;
  });
  return digest([process.version, process.arch, ...states].join('\0'));
}

const stats = new Map();

/** Returns the state of a file at its first request, so that all requests see the same. */
function statOf(file) {
  const stat = stats.get(file) ?? fs.statSync(file);
  stats.set(file, stat);
  return stat;
}

/** Returns whether no file has changed since a time in milliseconds. */
const areUnchangedSince = (begun, files) => files.every((file) => statOf(file).ctimeMs < begun);

/** Writes files by ending. Another process sees either the old or the new file. */
function keep(place, files) {
  // Without packages there is no folder for the cache.
  if (!fs.existsSync(path.dirname(CACHE))) return;
  fs.mkdirSync(FOLDER, { recursive: true });
  for (const [end, content] of Object.entries(files)) {
    fs.writeFileSync(`${place}${end}.${process.pid}`, content);
    fs.renameSync(`${place}${end}.${process.pid}`, `${place}${end}`);
  }
  removeOldest();
}

function removeOldest() {
  const all = fs.readdirSync(FOLDER);
  const age = (name) => -fs.statSync(path.join(FOLDER, name)).mtimeMs;
  const programs = all
    .filter((name) => path.extname(name) === '')
    .sort((one, other) => age(one) - age(other));
  for (const program of programs.slice(MOST)) {
    const files = all.filter((name) => name.split('.')[0] === program);
    for (const name of files) fs.rmSync(path.join(FOLDER, name), { force: true });
  }
}

module.exports = { areUnchangedSince, digest, filesIn, keep, placeOf, root, stateOf };
