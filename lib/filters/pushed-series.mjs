// Which series each node has pushed in the last hours. Prometheus has all of them in memory, also those that a later push
// replaced: what changes all the time is a flood, however few series there are at once.
import { keyedHashOf } from './keyed-hash.mjs';
import { KeyedSeries } from './keyed-series.mjs';
import { Refusal } from './server.mjs';
import { holderOf, tooManyNodes } from './shares.mjs';

/** Series that Pushgateway makes of each group. */
const OF_EACH_GROUP = ['push_time_seconds', 'push_failure_time_seconds'];

export class PushedSeries {
  #series;

  /** @param {import('./groups.mjs').Limits & { windowMs: number }} limits @param {string} file that keeps them */
  constructor(limits, file) {
    this.limits = limits;
    this.#series = new KeyedSeries(limits, file);
  }

  /**
   * @param {string} path of a group @param {Record<string, string>} labels of its key
   * @param {Iterable<string>} series of a push @throws {Refusal} when too many of them are new
   */
  admit(path, labels, series) {
    const { known: all } = this.#series;
    all.rotate(Date.now());
    const { group = '' } = labels;
    const holder = holderOf(labels);
    const limits = this.limits.pools[group] ?? this.limits.pools[''];
    const known = all.node(group, holder);
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
    const { key } = this.#series;
    const ofGroup = /** @type {const} */ ([key[0] ^ keyedHashOf(path, key), key[1]]);
    for (const one of OF_EACH_GROUP) yield keyedHashOf(one, ofGroup);
    for (const one of series) yield keyedHashOf(one, ofGroup);
  }

  /** Begins anew. */
  forget() {
    this.#series.forget();
  }

  save() {
    return this.#series.save();
  }

  /** The same at the end. */
  saveNow() {
    this.#series.saveNow();
  }
}
