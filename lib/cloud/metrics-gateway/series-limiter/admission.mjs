// Decides which series of a remote-write request are accepted, within the limits of the sender's group.
import { Refusal } from '../../../programs/server.mjs';
import { removeRejectedSeries } from './limited-request.mjs';
import { RejectedSeries } from './rejected-series.mjs';

/** Error message for each reason of a rejection. @type {Record<string, string>} */
const REASONS = {
  too_many_nodes: 'the limit of nodes (of the node group, or of all node groups) is reached: try again later',
  too_many_series:
    'the node has reached its limit of series, or its node group uses all series that the nodes share',
  too_many_label_names:
    'the node group has reached its limit of new label names within three hours: use fewer label names',
  reserved: 'only cloud components may write series with this name or job',
  invalid: 'the series has invalid labels, or is a native histogram',
};

/** Filter for remote-write requests that removes the series above the limits and the series with reserved names. */
export class SeriesAdmission {
  #series;
  #reservedMetrics;
  #reservedJobs;
  #incrementRefusedSeries;

  /**
   * Creates a filter for remote-write requests.
   * @param {{ reservedMetrics: string, reservedJobs: string }} limits regular expressions for reserved names
   * @param {import('../../../programs/keyed-series.mjs').KeyedSeries} series known series of all nodes
   * @param {(labels: { reason: string, group: string, node: string }, series: number) => void}
   * incrementRefusedSeries adds a number of rejected series to a counter with these labels
   */
  constructor({ reservedMetrics, reservedJobs }, series, incrementRefusedSeries) {
    this.#series = series;
    this.#reservedMetrics = new RegExp(reservedMetrics);
    this.#reservedJobs = new RegExp(reservedJobs);
    this.#incrementRefusedSeries = incrementRefusedSeries;
  }

  /**
   * Returns a request with the accepted series, and counts the rejected series. If an error ends the parsing of the
   * request early, the series that were rejected before the error are counted, too.
   * @param {Buffer} plain decompressed request
   * @param {string} group node group of the sender; empty if there are no node groups
   * @param {string | undefined} sender node name from the guard, which takes precedence over the label `node` of
   * series; undefined if the sender has no client certificate
   * @returns {Buffer} decompressed request with the accepted series
   * @throws {Refusal} if the request contains rejected series and no accepted series
   * @throws {RangeError} if the request is malformed, or if parsing needs too much work
   */
  removeRejectedSeriesFromRequest(plain, group, sender) {
    const rejected = new RejectedSeries();
    try {
      const kept = removeRejectedSeries(
        plain,
        this.#series.key,
        (labels, hash, weight) =>
          this.#acceptOrRejectSeries(
            group,
            labels && { ...labels, node: sender ?? labels.node },
            hash,
            weight,
          ),
        (refused) => rejected.incrementRejectedSeries(refused),
      );
      const { lastReason } = rejected;
      if (kept.length > 0 || !lastReason) return kept;
      throw new Refusal(
        lastReason === 'too_many_nodes' ? 429 : 400,
        REASONS[lastReason] ?? lastReason,
        lastReason,
      );
    } finally {
      for (const { reason, node, series } of rejected.listCountsByReasonAndNode()) {
        // Clients can send any number of node names. The counter therefore contains only names of nodes with accepted
        // series.
        const name = this.#series.known.hasNode(group, node) ? node : '';
        this.#incrementRefusedSeries({ reason, group, node: name }, series);
      }
    }
  }

  /**
   * Accepts or rejects one series, and adds an accepted series to the known series.
   * @param {string} group group of the sender
   * @param {import('./limited-request.mjs').Labels | undefined} labels labels of the series; undefined if the labels
   * are invalid
   * @param {number} hash hash of the labels
   * @param {number} weight number of series that the series counts as: 1, or more if its labels are large
   * @returns {import('../../../programs/known-series.mjs').NodeSeries |
   * import('./limited-request.mjs').Rejection} known series of the node, or the reason for the rejection
   */
  #acceptOrRejectSeries(group, labels, hash, weight) {
    if (!labels) return { reason: 'invalid' };
    if (this.#reservedMetrics.test(labels.name) || this.#reservedJobs.test(labels.job)) {
      return { reason: 'reserved', node: labels.node };
    }
    const node = this.#series.known.findOrAddNode(group, labels.node);
    if (!node) return { reason: 'too_many_nodes' };
    if (node.refreshSeriesIfKnown(hash, weight)) return node;
    if (!node.pool.tryAddLabelNames(labels.labelNames)) {
      return { reason: 'too_many_label_names', node: labels.node };
    }
    return node.tryAddSeries(hash, weight) ? node : { reason: 'too_many_series', node: labels.node };
  }
}
