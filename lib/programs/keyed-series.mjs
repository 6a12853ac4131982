// Saves the known series and the key of the hash function in a file, so that both survive restarts.
import { randomBytes } from 'node:crypto';
import { KnownSeries } from './known-series.mjs';
import { SavedState } from './saved-state.mjs';
import { logProblemIfNew } from './state-log.mjs';

/**
 * The series that all nodes sent in the last hours, as hashes, and the key of the hash function. A file stores the
 * hashes and the key.
 */
export class KeyedSeries {
  #limits;
  #state;
  /** Key of the hash function. @type {readonly [number, number]} */
  key;
  /** The series that all nodes sent in the last hours. @type {KnownSeries} */
  known;

  /**
   * Restores the hash key and the known series from the file. If the file is missing or cannot be used,
   * creates a random key and starts without known series.
   * @param {ConstructorParameters<typeof KnownSeries>[0]} limits limits of each node group
   * @param {string} file path of the saved state
   */
  constructor(limits, file) {
    this.#limits = limits;
    this.#state = new SavedState(file);
    this.known = new KnownSeries(limits, Date.now());
    this.key = this.#restoreHashKeyAndAllSeries() ?? [
      ...new Int32Array(new Uint8Array(randomBytes(8)).buffer),
    ];
  }

  /** Removes all known series, and keeps the hash key. */
  forgetAllSeries() {
    this.known = new KnownSeries(this.#limits, Date.now());
  }

  /**
   * Saves the known series without blocking requests. If `forgetAllSeries` was called or a new time window started
   * while the file was written, the new file is discarded and the old file is kept.
   */
  saveSeries() {
    const { known } = this;
    const { began } = known;
    return this.#state.saveLines(
      this.#serializeHashKeyAndAllSeries(),
      () => this.known === known && known.began === began,
    );
  }

  /** Saves the known series synchronously, when the process ends. */
  saveSeriesSync() {
    this.#state.saveLinesSync(this.#serializeHashKeyAndAllSeries());
  }

  /** Yields the lines of the saved state: the hash key, then the known series. */
  *#serializeHashKeyAndAllSeries() {
    yield JSON.stringify(this.key);
    yield* this.known.serializeState();
  }

  /**
   * Restores the known series from the file. Returns the hash key, or `undefined` if the file does not exist or
   * cannot be used.
   */
  #restoreHashKeyAndAllSeries() {
    try {
      const [key, ...saved] = this.#state.readLines() ?? [];
      if (!key) return undefined;
      this.known.restoreState(saved, Date.now());
      return JSON.parse(key);
    } catch (error) {
      logProblemIfNew(`the saved state of the series is ignored, because it is invalid: ${error.message}`);
      this.forgetAllSeries();
      return undefined;
    }
  }
}
