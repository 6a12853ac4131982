// Keeps what memoized functions of lib (lib/core/memoize.ts) gave in one run for the next one, beside the program's bundle:
// verdicts on expressions, and texts of files. They count as long as no source but the program and its environments is written
// again, no package that was loaded has been touched, and the kept file is whole; otherwise all is computed again.
const fs = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');
const { digest, keep, placeOf, stateOf } = require('./kept-files.cjs');

const END = '.results';
/** Length of the digest at the beginning of the file. */
const DIGEST = 64;
/** Maximum size of results in bytes: those of ten thousand objects, which are read in a tenth of a second. */
const MOST = 64_000_000;

/** The results of a program: those of this run, and those of an earlier one, which are loaded on first use. */
class ResultsCache {
  now = new Map();
  #earlier;

  /**
   * @param files beside the sources of the program
   * @param begun when this run began, in milliseconds: what changed later may have been used before it changed
   */
  constructor(name, program, files, begun) {
    this.name = name;
    this.sources = files.filter((file) => !isSettings(file, program));
    this.begun = begun;
  }

  /** Returns whether there are cached results with this name, which may be invalid. */
  static has(name) {
    return fs.existsSync(`${placeOf(name)}${END}`);
  }

  get before() {
    return this.#kept.results;
  }

  /** Writes the results of this run if there are new ones. */
  keep() {
    if (![...this.now].some(([of, results]) => this.#isNews(of, results))) return;
    const packages = [
      ...new Set([...this.#kept.packages, ...Object.keys(require.cache).filter(isOfPackage)]),
    ];
    if (!packages.every((file) => writtenAt(file) < this.begun)) return;
    const content = v8.serialize({ state: this.#stateWith(packages), packages, results: this.now });
    if (content.length > MOST) return;
    keep(placeOf(this.name), { [END]: Buffer.concat([Buffer.from(digest(content)), content]) });
  }

  #isNews(of, results) {
    return [...results.keys()].some((key) => !this.before.get(of)?.has(key));
  }

  get #kept() {
    this.#earlier ??= this.#read() ?? { packages: [], results: new Map() };
    return this.#earlier;
  }

  #read() {
    try {
      const file = fs.readFileSync(`${placeOf(this.name)}${END}`);
      const content = file.subarray(DIGEST);
      if (digest(content) !== file.toString('latin1', 0, DIGEST)) return undefined;
      const { state, packages, results } = v8.deserialize(content);
      return state === this.#stateWith(packages) ? { packages, results } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Returns the modification times of sources and packages. */
  #stateWith(packages) {
    const touched = packages.map((file) => [file, fs.statSync(file).size, writtenAt(file)]);
    return digest(JSON.stringify([stateOf(this.sources), touched]));
  }
}

/** The program and its environments call memoized functions, but do not contain any. */
const isSettings = (file, program) =>
  file === program || path.dirname(file) === path.join(path.dirname(program), 'environments');

/** The modification time, not that of the inode, in milliseconds: another installation may hard-link the same file. */
function writtenAt(file) {
  const { mtimeMs, birthtimeMs } = fs.statSync(file);
  return Math.max(mtimeMs, birthtimeMs);
}

const isOfPackage = (file) => file.includes(`${path.sep}node_modules${path.sep}`);

module.exports = { ResultsCache };
