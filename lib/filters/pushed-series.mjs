// Which series each node has pushed in the last hours. Prometheus has all of them in memory, also those that a later push
// replaced: what changes all the time is a flood, however few series there are at once.
import { randomBytes } from 'node:crypto';
import { keyedHashOf } from './keyed-hash.mjs';
import { KnownSeries } from './known-series.mjs';
import { SavedState } from './saved-state.mjs';
import { Refusal, report } from './server.mjs';
import { holderOf, tooManyNodes } from './shares.mjs';

/** Series that Pushgateway makes of each group. */
const OF_EACH_GROUP = ['push_time_seconds', 'push_failure_time_seconds'];

export class PushedSeries {
  #known;
  #state;
  /** Saved with the series, whose hashes mean nothing without it. @type {readonly [number, number]} */
  #key;

  /** @param {{ windowMs: number, pools: Readonly<Record<string, import('./known-series.mjs').Limits>> }} limits @param {string} file that keeps them */
  constructor(limits, file) {
    this.limits = limits;
    this.#known = new KnownSeries(limits, Date.now());
    this.#state = new SavedState(file);
    this.#key = this.#restore() ?? [...new Int32Array(new Uint8Array(randomBytes(8)).buffer)];
  }

  /**
   * @param {string} path of a group @param {Record<string, string>} labels of its key
   * @param {Iterable<string>} series of a push @throws {Refusal} when too many of them are new
   */
  admit(path, labels, series) {
    this.#known.rotate(Date.now());
    const { group = '' } = labels;
    const holder = holderOf(labels);
    const limits = this.limits.pools[group] ?? this.limits.pools[''];
    const known = this.#known.node(group, holder);
    if (!known) throw tooManyNodes(limits.nodes);
    if (known.addAll(this.#hashes(path, series))) return;
    const { seriesPerNode: own, mostSeriesPerNode: most } = limits;
    throw new Refusal(
      429,
      `${holder} has pushed too many different series in the last hours: at most ${most}, and beyond ${own} as many as others leave`,
      'too_many_series',
    );
  }

  *#hashes(path, series) {
    const [first, second] = this.#key;
    const ofGroup = /** @type {const} */ ([first ^ keyedHashOf(path, this.#key), second]);
    for (const one of OF_EACH_GROUP) yield keyedHashOf(one, ofGroup);
    for (const one of series) yield keyedHashOf(one, ofGroup);
  }

  /** Begins anew. */
  forget() {
    this.#known = new KnownSeries(this.limits, Date.now());
  }

  save() {
    return this.#state.save(this.#saved());
  }

  /** The same at the end. */
  saveNow() {
    this.#state.saveNow(this.#saved());
  }

  #saved() {
    return { key: this.#key, known: this.#known.saved() };
  }

  #restore() {
    const saved = this.#state.load();
    try {
      if (saved) this.#known.restore(saved.known, Date.now());
      return saved?.key;
    } catch (error) {
      report(`the pushed series of before are not known: ${error.message}`);
      return undefined;
    }
  }
}
