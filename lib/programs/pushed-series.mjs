// Tracks the series that each node has pushed in the last hours. Prometheus keeps all these series in memory, also
// series that a later push replaced. Constantly changing series can therefore exhaust the memory, even if few of them
// exist at a time.

/** @typedef {{ pools: Readonly<Record<string, import('./known-series.mjs').Limits>> }} PushLimits `pools`: limits of each node group, by its name; the key "" is for all other nodes */
import { hashText } from './keyed-hash.mjs';
import { hashesOfPartsOfLargeSeries, weightOfSeriesInLimits } from './known-series.mjs';
import { Refusal } from './server.mjs';
import { formatNodeOrJobOfGroupingKey, tooManyNodesRefusal } from './shares.mjs';

/** Names of the series that Pushgateway adds to each metric group. The limits include these series. */
const SERIES_OF_EACH_GROUP = ['push_time_seconds', 'push_failure_time_seconds'];

/** Creates the refusal of a push with too many new label names. */
const tooManyLabelNamesRefusal = () =>
  new Refusal(
    429,
    'the nodes that share this limit have pushed too many different label names in the last hours: use fewer label names',
    'too_many_label_names',
  );

/** Checks the series of each push against the limits of its node. */
export class PushedSeries {
  #limits;
  #series;

  /**
   * Creates an object that checks pushes against limits of nodes, series and label names.
   * @param {PushLimits} limits limits of each node group
   * @param {import('./keyed-series.mjs').KeyedSeries} series known series of all nodes
   */
  constructor({ pools }, series) {
    this.#limits = pools;
    this.#series = series;
  }

  /**
   * Adds the series of a push to the known series of the node that pushes.
   * @param {string} path canonical path of the Pushgateway group
   * @param {Record<string, string>} labels of the grouping key
   * @param {import('./pushes.mjs').Push} push
   * @throws {Refusal} when a limit of nodes, series or label names is reached; the series are then not added
   */
  addSeriesOfPush(path, labels, { series, labelNames }) {
    const { known: all } = this.#series;
    all.startNewTimeWindowIfDue(Date.now());
    const { group = '' } = labels;
    const owner = formatNodeOrJobOfGroupingKey(labels);
    const limits = this.#limits[group] ?? this.#limits[''];
    // With remote write, series are counted under the same name of the node. Both transports therefore share the
    // limits of a node.
    const known = limits && all.findOrAddNode(group, labels.hostname || owner);
    if (!known) throw tooManyNodesRefusal(limits?.nodes ?? 0);
    if (!known.pool.tryAddLabelNames([...Object.keys(labels), ...labelNames]))
      throw tooManyLabelNamesRefusal();
    if (known.tryAddAllSeriesOrNone(this.#seriesHashes(path, Object.keys(labels).length, series))) return;
    const { seriesPerNode: own, mostSeriesPerNode: most } = limits;
    throw new Refusal(
      429,
      `${owner} has pushed too many different series in the last hours; allowed: ${own}, or up to ${most} if other nodes use few series: push fewer series`,
      'too_many_series',
    );
  }

  /**
   * Yields the hash of each series of a push. Also yields the hashes of the series that Pushgateway itself adds to a
   * Pushgateway group, such as `push_time_seconds`.
   * @param {string} path canonical path of the Pushgateway group
   * @param {number} keyLabels number of labels in the grouping key
   * @param {Map<string, number>} series number of labels by series
   */
  *#seriesHashes(path, keyLabels, series) {
    const { key } = this.#series;
    const ofGroup = /** @type {const} */ ([key[0] ^ hashText(path, key), key[1]]);
    for (const one of SERIES_OF_EACH_GROUP) yield hashText(one, ofGroup);
    for (const [one, labels] of series) {
      const hash = hashText(one, ofGroup);
      // Each series also has the labels of the grouping key.
      const weight = weightOfSeriesInLimits(path.length + one.length, keyLabels + labels);
      if (weight === 1) yield hash;
      else yield* hashesOfPartsOfLargeSeries(hash, weight);
    }
  }
}
