// Saves the known series and the key of their hashes in a file, so that they survive restarts.
import { randomBytes } from 'node:crypto';
import { KnownSeries } from './known-series.mjs';
import { SavedState } from './saved-state.mjs';
import { logProblem } from './state-log.mjs';

export class KeyedSeries {
  #limits;
  #state;
  /** @type {readonly [number, number]} */
  key;
  /** @type {KnownSeries} */
  known;

  /**
   * Restores the hash key and the known series from the file. Without a saved state, creates a random key.
   * @param {ConstructorParameters<typeof KnownSeries>[0]} limits @param {string} file for the saved state
   */
  constructor(limits, file) {
    this.#limits = limits;
    this.#state = new SavedState(file);
    this.known = new KnownSeries(limits, Date.now());
    this.key = this.#restoreKeyAndSeries() ?? [...new Int32Array(new Uint8Array(randomBytes(8)).buffer)];
  }

  /** Clears the known series. */
  forgetSeries() {
    this.known = new KnownSeries(this.#limits, Date.now());
  }

  saveSeries() {
    const { known } = this;
    const { began } = known;
    return this.#state.saveLines(this.#stateLines(), () => this.known === known && known.began === began);
  }

  /** Saves the known series synchronously, when the process ends. */
  saveSeriesNow() {
    this.#state.saveLinesNow(this.#stateLines());
  }

  *#stateLines() {
    yield JSON.stringify(this.key);
    yield* this.known.serializeState();
  }

  #restoreKeyAndSeries() {
    try {
      const [key, ...saved] = this.#state.readLines() ?? [];
      if (!key) return undefined;
      this.known.restoreState(saved, Date.now());
      return JSON.parse(key);
    } catch (error) {
      logProblem(`the saved series cannot be used: ${error.message}`);
      this.forgetSeries();
      return undefined;
    }
  }
}
