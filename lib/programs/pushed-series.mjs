// Tracks the series that each node has pushed in the last hours. Prometheus keeps all of them in memory, also those that a
// later push replaced. Constantly changing series are therefore a risk, even if few of them exist at the same time.
import { hashText } from './keyed-hash.mjs';
import { hashesOfParts, seriesWeight } from './known-series.mjs';
import { Refusal } from './server.mjs';
import { shareHolder, tooManyNodesRefusal } from './shares.mjs';

/** Names of the series that Pushgateway adds to each group. */
const SERIES_OF_EACH_GROUP = ['push_time_seconds', 'push_failure_time_seconds'];

const tooManyLabelNamesRefusal = () =>
  new Refusal(
    429,
    'the pushes of the last hours contain too many different label names',
    'too_many_label_names',
  );

/** @typedef {{ pools: Readonly<Record<string, import('./known-series.mjs').Limits>> }} PushLimits */

export class PushedSeries {
  #limits;
  #series;

  /**
   * Creates the check of pushed series. `series` are the known series, and `limits` their limits for each node group.
   * @param {PushLimits} limits @param {import('./keyed-series.mjs').KeyedSeries} series
   */
  constructor({ pools }, series) {
    this.#limits = pools;
    this.#series = series;
  }

  /**
   * Adds the series of a push.
   * @param {string} path of the group @param {Record<string, string>} labels of its grouping key
   * @param {import('./pushes.mjs').Push} push @throws {Refusal} when the push contains too many new series or label names
   */
  addSeriesOfPush(path, labels, { series, labelNames }) {
    const { known: all } = this.#series;
    all.startNewWindowIfDue(Date.now());
    const { group = '' } = labels;
    const holder = shareHolder(labels);
    const limits = this.#limits[group] ?? this.#limits[''];
    // The node has the same name as with remote write, so that both transports share its limit.
    const known = limits && all.findOrAddNode(group, labels.hostname || holder);
    if (!known) throw tooManyNodesRefusal(limits?.nodes ?? 0);
    if (!known.pool.addLabelNames([...Object.keys(labels), ...labelNames])) throw tooManyLabelNamesRefusal();
    if (known.addAllSeries(this.#seriesHashes(path, Object.keys(labels).length, series))) return;
    const { seriesPerNode: own, mostSeriesPerNode: most } = limits;
    throw new Refusal(
      429,
      `${holder} has pushed too many different series in the last hours; allowed: ${own}, and up to ${most} while shared series are available`,
      'too_many_series',
    );
  }

  /**
   * Yields the hashes of all series of a push, and of the series that Pushgateway adds to the group.
   * @param {string} path @param {number} keyLabels @param {Map<string, number>} series
   */
  *#seriesHashes(path, keyLabels, series) {
    const { key } = this.#series;
    const ofGroup = /** @type {const} */ ([key[0] ^ hashText(path, key), key[1]]);
    for (const one of SERIES_OF_EACH_GROUP) yield hashText(one, ofGroup);
    for (const [one, labels] of series) {
      const hash = hashText(one, ofGroup);
      // Each series also has the labels of the grouping key.
      const weight = seriesWeight(path.length + one.length, keyLabels + labels);
      if (weight === 1) yield hash;
      else yield* hashesOfParts(hash, weight);
    }
  }
}
