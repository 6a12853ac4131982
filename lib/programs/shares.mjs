// Limits the share of each node in a Pushgateway: a part of its own, whatever other nodes use, and some of a part for
// all.
import { Refusal } from './server.mjs';
import { Total } from './total.mjs';

/** @typedef {import('./known-series.mjs').Limits} Limits */

/**
 * Returns the holder of a group: its node or, without one, its job.
 * @param {Record<string, string>} labels of its key
 */
export const shareHolder = ({ hostname, job = '' }) => (hostname ? `node ${hostname}` : `job ${job}`);

/** @param {string} holder @param {number} most @returns {Refusal} */
export const tooManySeriesRefusal = (holder, most) =>
  new Refusal(429, `${holder} would have more than ${most} series`, 'too_many_series');

/** @param {number} most @returns {Refusal} */
export const tooManyNodesRefusal = (most) =>
  new Refusal(429, `more than ${most} nodes would push: those that do go on`, 'too_many_nodes');

export const FULL = 'no series beyond those that each node has for itself are left: leave some out';

/** Usage of the nodes of one node group, or of all. */
class Pool {
  /** @type {Map<string, number>} */
  sizes = new Map();
  /** Series above what the nodes have for themselves. */
  shared = 0;

  /** @param {Limits} limits @param {Total} total of all pools */
  constructor(limits, total) {
    this.limits = limits;
    this.total = total;
  }

  /** @param {string} holder @param {number} growth */
  change(holder, growth) {
    const before = this.sizes.get(holder) ?? 0;
    const after = before + growth;
    const shared = this.#excess(after) - this.#excess(before);
    this.shared += shared;
    this.total.sharedSeries += shared;
    this.total.nodes -= this.sizes.size;
    if (after > 0) this.sizes.set(holder, after);
    else this.sizes.delete(holder);
    this.total.nodes += this.sizes.size;
  }

  /** @param {string} holder @param {number} growth @throws {Refusal} */
  admit(holder, growth) {
    const { nodes, mostSeriesPerNode, sharedSeries } = this.limits;
    const before = this.sizes.get(holder) ?? 0;
    const isFull = this.sizes.size >= nodes || !this.total.hasRoomForNode();
    if (before === 0 && isFull) throw tooManyNodesRefusal(nodes);
    const after = before + growth;
    if (after > mostSeriesPerNode) throw tooManySeriesRefusal(holder, mostSeriesPerNode);
    const more = this.#excess(after) - this.#excess(before);
    const hasRoom = this.shared + more <= sharedSeries && this.total.hasRoomFor(more);
    if (more > 0 && !hasRoom) throw new Refusal(429, FULL, 'too_many_series');
  }

  /** @param {number} size */
  #excess(size) {
    return Math.max(size - this.limits.seriesPerNode, 0);
  }
}

export class Shares {
  /** @type {Map<string, Pool>} */
  #pools = new Map();

  /**
   * @param {{ pools: Readonly<Record<string, Limits>>, total?: import('./total.mjs').TotalLimits }} limits by group of nodes;
   * those of "" are for all others, and no part of the total
   */
  constructor({ pools, total }) {
    const all = new Total(total);
    for (const [group, limits] of Object.entries(pools)) {
      this.#pools.set(group, new Pool(limits, group ? all : new Total()));
    }
  }

  /** @returns {number} of all groups of nodes */
  get holders() {
    return [...this.#pools.values()].reduce((sum, { sizes }) => sum + sizes.size, 0);
  }

  /** Usage and limits of each node group. */
  list() {
    return [...this.#pools].map(([group, { sizes, shared, limits }]) => ({
      group,
      nodes: sizes.size,
      nodesLimit: limits.nodes,
      sharedSeries: shared,
      sharedSeriesLimit: limits.sharedSeries,
    }));
  }

  /** @param {Record<string, string>} labels */
  has(labels) {
    return this.#poolOf(labels).sizes.has(shareHolder(labels));
  }

  /** @param {Record<string, string>} labels @param {number} growth in series */
  change(labels, growth) {
    this.#poolOf(labels).change(shareHolder(labels), growth);
  }

  /** @param {Record<string, string>} labels @param {number} growth in series @throws {Refusal} where there is no room for it */
  admit(labels, growth) {
    this.#poolOf(labels).admit(shareHolder(labels), growth);
  }

  #poolOf({ group = '' }) {
    return /** @type {Pool} */ (this.#pools.get(group) ?? this.#pools.get(''));
  }
}
