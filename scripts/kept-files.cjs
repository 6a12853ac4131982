// Where bundles and results are kept from one run to the next, and how they tell that a file has changed.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const CACHE = path.join(root, 'node_modules/.cache');
const FOLDER = path.join(CACHE, 'cdk8s-edge-observability');
/** Programs of which something is kept: those of clones that are gone would stay. */
const MOST = 20;

/** Code, and texts of programs. */
const SOURCE = /\.(awk|conf|html|[cm]?[jt]sx?|json|lua|sh|tmpl|ya?ml)$/;

const digest = (content) => createHash('sha256').update(content).digest('hex');

/** The path of what is kept of a program, to which each kind adds an ending. */
const placeOf = (name) => path.join(FOLDER, digest(name).slice(0, 32));

/** Files in these folders that a bundle can have read. */
const filesIn = (folders) =>
  folders.flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((name) => SOURCE.test(name))
      .map((name) => path.join(folder, name)),
  );

/** When these files were written last, and which Node reads them. Their content takes ten times as long to read. */
function stateOf(files) {
  const states = files.map((file) => {
    const { size, ino, ctimeMs } = statOf(file);
    return `${file}\0${size} ${ino} ${ctimeMs}`;
  });
  return digest([process.version, process.arch, ...states].join('\0'));
}

const stats = new Map();

/** The state of a file when it was asked for first: that of some files is of the same time as that of all. */
function statOf(file) {
  const stat = stats.get(file) ?? fs.statSync(file);
  stats.set(file, stat);
  return stat;
}

/** Whether no file changed since a time in milliseconds. */
const areUnchangedSince = (begun, files) => files.every((file) => statOf(file).ctimeMs < begun);

/** Files by their ending. Another process finds each as it was, or whole. */
function keep(place, files) {
  // Without packages there is no place for it.
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
