// Decides by node group which series of a request are accepted.
import { Refusal } from '../../../programs/server.mjs';
import { filterSeries } from './limited-request.mjs';
import { Refusals } from './refusals.mjs';

/** @type {Record<string, string>} */
const REASONS = {
  too_many_nodes: 'the group has as many nodes as it may have: sent again later, it may be taken',
  too_many_series: 'the node has as many series as it may have',
  too_many_label_names: 'the group has brought in as many names of labels as it may within three hours',
  reserved: 'series of the cloud itself, by their name or job',
  invalid: 'no series that can be stored, or a native histogram',
};

export class Admission {
  #series;
  #reservedMetrics;
  #reservedJobs;
  #countRefused;

  /**
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
   * Returns the accepted part of a request. Rejected series are counted, also those of a request that is too expensive
   * to read to its end.
   * @param {Buffer} plain @param {string} group @param {string | undefined} sender the node that the guard names, whatever series say
   * @returns {Buffer} @throws {Refusal} when nothing is left
   */
  filterRequest(plain, group, sender) {
    const refusals = new Refusals();
    try {
      const kept = filterSeries(
        plain,
        this.#series.key,
        (labels, hash, weight) =>
          this.#admit(group, labels && { ...labels, node: sender ?? labels.node }, hash, weight),
        (refused) => refusals.add(refused),
      );
      const { last } = refusals;
      if (kept.length > 0 || !last) return kept;
      throw new Refusal(last === 'too_many_nodes' ? 429 : 400, REASONS[last] ?? last, last);
    } finally {
      for (const { reason, node, series } of refusals.list()) {
        // The number of names without series is unbounded, so these names are not counted.
        const name = this.#series.known.has(group, node) ? node : '';
        this.#countRefused({ reason, group, node: name }, series);
      }
    }
  }

  /**
   * @param {string} group @param {import('./limited-request.mjs').Labels | undefined} labels @param {number} hash @param {number} weight
   * @returns {import('../../../programs/known-series.mjs').NodeSeries | import('./limited-request.mjs').Refused}
   */
  #admit(group, labels, hash, weight) {
    if (!labels) return { reason: 'invalid' };
    if (this.#reservedMetrics.test(labels.name) || this.#reservedJobs.test(labels.job)) {
      return { reason: 'reserved', node: labels.node };
    }
    const node = this.#series.known.node(group, labels.node);
    if (!node) return { reason: 'too_many_nodes' };
    if (node.knows(hash, weight)) return node;
    if (!node.pool.takeLabelNames(labels.labelNames)) {
      return { reason: 'too_many_label_names', node: labels.node };
    }
    return node.add(hash, weight) ? node : { reason: 'too_many_series', node: labels.node };
  }
}
