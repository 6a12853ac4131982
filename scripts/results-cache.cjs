// Caches results of memoized functions of lib (lib/core/memoize.ts) for later runs of the same program: results of the
// validation of expressions, and rendered texts. The file is next to the program's cached bundle. The results are valid
// if the file is undamaged, no package that the program loaded has changed, and no source has changed except the
// program's main file and its environments. Otherwise they are computed again.
const fs = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');
const { cachePath, digest, digestFileStates, writeCacheFiles } = require('./kept-files.cjs');

const END = '.results';
/** Length of the digest at the beginning of the file in characters. */
const DIGEST = 64;
/**
 * Maximum size of the results in bytes. The results of ten thousand objects have this size, and are read in a tenth of
 * a second.
 */
const MOST = 64_000_000;

/** The results of a program: results of this run, and results of an earlier run, which are loaded on first use. */
class ResultsCache {
  now = new Map();
  #earlier;

  /**
   * @param files the files in the folders of the program's sources
   * @param begun time in milliseconds at which this run started. If a file changed later, the results are not cached,
   * because the run may have used its previous content.
   */
  constructor(name, program, files, begun) {
    this.name = name;
    this.sources = files.filter((file) => !isSettingsFile(file, program));
    this.begun = begun;
  }

  /** Returns whether there are cached results with this name. They may be invalid. */
  static isCached(name) {
    return fs.existsSync(`${cachePath(name)}${END}`);
  }

  get before() {
    return this.#kept.results;
  }

  /** Caches the results of this run, unless there are no new ones. */
  save() {
    if (![...this.now].some(([of, results]) => this.#hasNewResults(of, results))) return;
    const packages = [
      ...new Set([...this.#kept.packages, ...Object.keys(require.cache).filter(isPackageFile)]),
    ];
    if (!packages.every((file) => contentTime(file) < this.begun)) return;
    const content = v8.serialize({ state: this.#computeState(packages), packages, results: this.now });
    if (content.length > MOST) return;
    writeCacheFiles(cachePath(this.name), { [END]: Buffer.concat([Buffer.from(digest(content)), content]) });
  }

  #hasNewResults(of, results) {
    return [...results.keys()].some((key) => !this.before.get(of)?.has(key));
  }

  get #kept() {
    this.#earlier ??= this.#readFile() ?? { packages: [], results: new Map() };
    return this.#earlier;
  }

  #readFile() {
    try {
      const file = fs.readFileSync(`${cachePath(this.name)}${END}`);
      const content = file.subarray(DIGEST);
      if (digest(content) !== file.toString('latin1', 0, DIGEST)) return undefined;
      const { state, packages, results } = v8.deserialize(content);
      return state === this.#computeState(packages) ? { packages, results } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Returns a digest of the modification times of the sources and of these packages. */
  #computeState(packages) {
    const touched = packages.map((file) => [file, fs.statSync(file).size, contentTime(file)]);
    return digest(JSON.stringify([digestFileStates(this.sources), touched]));
  }
}

/**
 * Returns whether a file is the program's main file or one of its environments. These files call memoized functions,
 * but contain none.
 */
const isSettingsFile = (file, program) =>
  file === program || path.dirname(file) === path.join(path.dirname(program), 'environments');

/**
 * Returns the time in milliseconds at which the content of a file was last written. The change time of the inode is not
 * used, because it changes when another installation hard-links the file.
 */
function contentTime(file) {
  const { mtimeMs, birthtimeMs } = fs.statSync(file);
  return Math.max(mtimeMs, birthtimeMs);
}

const isPackageFile = (file) => file.includes(`${path.sep}node_modules${path.sep}`);

module.exports = { ResultsCache };
