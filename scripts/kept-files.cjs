// Reads and writes the cache of bundles and results, and detects changed source files.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const CACHE = path.join(root, 'node_modules/.cache');
const FOLDER = path.join(CACHE, 'cdk8s-edge-observability');
/**
 * Maximum number of programs in the cache. The oldest ones are removed, so that programs of deleted clones do not stay
 * forever.
 */
const MOST = 20;

/** Extensions of source files, and of texts that programs contain. */
const SOURCE = /\.(awk|conf|html|[cm]?[jt]sx?|json|lua|sh|tmpl|ya?ml)$/;

const digest = (content) => createHash('sha256').update(content).digest('hex');

/**
 * Returns the path of a program's cached files without ending. The bundle cache and the results cache add their own
 * endings.
 */
const cachePath = (name) => path.join(FOLDER, digest(name).slice(0, 32));

/** Returns the files in these folders that a bundle may have read. */
const listSourceFiles = (folders) =>
  folders.flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((name) => SOURCE.test(name))
      .map((name) => path.join(folder, name)),
  );

/**
 * Returns a digest of the paths, sizes, inodes and change times of these files, and of the version of Node. Reading the
 * content of the files would take ten times as long.
 */
function digestFileStates(files) {
  const states = files.map((file) => {
    const { size, ino, ctimeMs } = readFirstStat(file);
    return `${file}\0${size} ${ino} ${ctimeMs}`;
  });
  return digest([process.version, process.arch, ...states].join('\0'));
}

const stats = new Map();

/** Returns the status of a file when it was first requested, so that all requests of this run see the same status. */
function readFirstStat(file) {
  const stat = stats.get(file) ?? fs.statSync(file);
  stats.set(file, stat);
  return stat;
}

/** Returns whether no file has changed since a time in milliseconds. */
const areUnchangedSince = (begun, files) => files.every((file) => readFirstStat(file).ctimeMs < begun);

/**
 * Writes the cached files of a program. Another process sees either the old or the new file. Does nothing if there is
 * no folder node_modules.
 * @param place path without ending
 * @param files content by ending
 */
function writeCacheFiles(place, files) {
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
  const fileAge = (name) => -fs.statSync(path.join(FOLDER, name)).mtimeMs;
  const programs = all
    .filter((name) => path.extname(name) === '')
    .sort((one, other) => fileAge(one) - fileAge(other));
  for (const program of programs.slice(MOST)) {
    const files = all.filter((name) => name.split('.')[0] === program);
    for (const name of files) fs.rmSync(path.join(FOLDER, name), { force: true });
  }
}

module.exports = {
  areUnchangedSince,
  digest,
  listSourceFiles,
  writeCacheFiles,
  cachePath,
  root,
  digestFileStates,
};
