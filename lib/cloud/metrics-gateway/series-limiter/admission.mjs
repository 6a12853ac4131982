// Decides which series of a remote-write request are accepted, within the limits of the group of nodes.
import { Refusal } from '../../../programs/server.mjs';
import { filterSeries } from './limited-request.mjs';
import { Refusals } from './refusals.mjs';

/** @type {Record<string, string>} */
const REASONS = {
  too_many_nodes: 'the group has reached its limit of nodes: try again later',
  too_many_series: 'the node has reached its limit of series',
  too_many_label_names: 'the group has reached its limit of new label names within three hours',
  reserved: 'only cloud components may write series with this name or job',
  invalid: 'the series has invalid labels, or is a native histogram',
};

export class Admission {
  #series;
  #reservedMetrics;
  #reservedJobs;
  #countRefused;

  /**
   * Creates the admission. It calls `countRefused` with the number of rejected series.
   * @param {{ reservedMetrics: string, reservedJobs: string }} limits
   * @param {import('../../../programs/keyed-series.mjs').KeyedSeries} series
   * @param {(labels: { reason: string, group: string, node: string }, series: number) => void} countRefused
   */
  constructor({ reservedMetrics, reservedJobs }, series, countRefused) {
    this.#series = series;
    this.#reservedMetrics = new RegExp(reservedMetrics);
    this.#reservedJobs = new RegExp(reservedJobs);
    this.#countRefused = countRefused;
  }

  /**
   * Returns the accepted part of a request, and counts the rejected series. Series are also counted if the
   * request is too expensive to read to its end.
   * @param {Buffer} plain decompressed request
   * @param {string} group
   * @param {string | undefined} sender node name from the guard, which takes precedence over the label `node`
   * of series
   * @returns {Buffer}
   * @throws {Refusal} if no series is accepted
   */
  filterRequest(plain, group, sender) {
    const refusals = new Refusals();
    try {
      const kept = filterSeries(
        plain,
        this.#series.key,
        (labels, hash, weight) =>
          this.#admitSeries(group, labels && { ...labels, node: sender ?? labels.node }, hash, weight),
        (refused) => refusals.countSeries(refused),
      );
      const { last } = refusals;
      if (kept.length > 0 || !last) return kept;
      throw new Refusal(last === 'too_many_nodes' ? 429 : 400, REASONS[last] ?? last, last);
    } finally {
      for (const { reason, node, series } of refusals.listCounts()) {
        // Clients can send any number of node names, so only nodes with accepted series are counted by name.
        const name = this.#series.known.hasNode(group, node) ? node : '';
        this.#countRefused({ reason, group, node: name }, series);
      }
    }
  }

  /**
   * Admits one series: returns the series of its node, or the reason for the rejection.
   * @param {string} group
   * @param {import('./limited-request.mjs').Labels | undefined} labels undefined if the labels are invalid
   * @param {number} hash
   * @param {number} weight
   * @returns {import('../../../programs/known-series.mjs').NodeSeries |
   * import('./limited-request.mjs').Refused}
   */
  #admitSeries(group, labels, hash, weight) {
    if (!labels) return { reason: 'invalid' };
    if (this.#reservedMetrics.test(labels.name) || this.#reservedJobs.test(labels.job)) {
      return { reason: 'reserved', node: labels.node };
    }
    const node = this.#series.known.findOrAddNode(group, labels.node);
    if (!node) return { reason: 'too_many_nodes' };
    if (node.keepSeriesIfKnown(hash, weight)) return node;
    if (!node.pool.addLabelNames(labels.labelNames)) {
      return { reason: 'too_many_label_names', node: labels.node };
    }
    return node.addSeries(hash, weight) ? node : { reason: 'too_many_series', node: labels.node };
  }
}
