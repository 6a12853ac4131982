// Limits the series of each node in a Pushgateway. Some series are reserved for each node, independent of other nodes; all
// nodes share the others.
import { Refusal } from './server.mjs';
import { Total } from './total.mjs';

/** @typedef {import('./known-series.mjs').Limits} Limits */

/**
 * Returns the owner of a Pushgateway group, for limits and messages: its node or, without a node, its job.
 * @param {Record<string, string>} labels of the grouping key
 */
export const shareHolder = ({ hostname, job = '' }) => (hostname ? `node ${hostname}` : `job ${job}`);

/**
 * Creates the refusal of a push after which a node, job or group would have more than `most` series.
 * @param {string} holder @param {number} most @returns {Refusal}
 */
export const tooManySeriesRefusal = (holder, most) =>
  new Refusal(429, `${holder} would have more than ${most} series, its limit`, 'too_many_series');

/**
 * Creates the refusal of a push of a new node when `most` nodes have series.
 * @param {number} most @returns {Refusal}
 */
export const tooManyNodesRefusal = (most) =>
  new Refusal(
    429,
    `more than ${most} nodes would push, the limit of nodes: only nodes that already push are accepted`,
    'too_many_nodes',
  );

export const FULL = 'all shared series are in use: push fewer series';

/** Usage of the nodes in one node group, or of all nodes. */
class Pool {
  /** @type {Map<string, number>} */
  sizes = new Map();
  /** Number of shared series in use: those above `seriesPerNode` of each node. */
  shared = 0;

  /** Creates a pool without nodes. @param {Limits} limits @param {Total} total usage of all pools */
  constructor(limits, total) {
    this.limits = limits;
    this.total = total;
  }

  /** Changes the number of series of an owner. @param {string} holder @param {number} growth */
  changeSeriesCount(holder, growth) {
    const before = this.sizes.get(holder) ?? 0;
    const after = before + growth;
    const shared = this.#countSharedSeries(after) - this.#countSharedSeries(before);
    this.shared += shared;
    this.total.sharedSeries += shared;
    this.total.nodes -= this.sizes.size;
    if (after > 0) this.sizes.set(holder, after);
    else this.sizes.delete(holder);
    this.total.nodes += this.sizes.size;
  }

  /** Validates that the limits allow more series. @param {string} holder @param {number} growth @throws {Refusal} */
  requireRoomForSeries(holder, growth) {
    const { nodes, mostSeriesPerNode, sharedSeries } = this.limits;
    const before = this.sizes.get(holder) ?? 0;
    const isFull = this.sizes.size >= nodes || !this.total.hasRoomForNode();
    if (before === 0 && isFull) throw tooManyNodesRefusal(nodes);
    const after = before + growth;
    if (after > mostSeriesPerNode) throw tooManySeriesRefusal(holder, mostSeriesPerNode);
    const more = this.#countSharedSeries(after) - this.#countSharedSeries(before);
    const hasRoom = this.shared + more <= sharedSeries && this.total.hasRoomForSeries(more);
    if (more > 0 && !hasRoom) throw new Refusal(429, FULL, 'too_many_series');
  }

  /**
   * Returns how many of a node's series count as shared. `size` is the number of all series of the node.
   * @param {number} size
   */
  #countSharedSeries(size) {
    return Math.max(size - this.limits.seriesPerNode, 0);
  }
}

export class Shares {
  /** @type {Map<string, Pool>} */
  #pools = new Map();

  /**
   * Creates a pool without nodes for each node group.
   * @param {{ pools: Readonly<Record<string, Limits>>, total?: import('./total.mjs').TotalLimits }} limits by node group; the
   * key "" is for all other nodes, which do not count for the total
   */
  constructor({ pools, total }) {
    const all = new Total(total);
    for (const [group, limits] of Object.entries(pools)) {
      this.#pools.set(group, new Pool(limits, group ? all : new Total()));
    }
  }

  /** Number of nodes and jobs that have series. @returns {number} */
  get holders() {
    return [...this.#pools.values()].reduce((sum, { sizes }) => sum + sizes.size, 0);
  }

  /** Returns usage and limits of each node group. */
  listUsage() {
    return [...this.#pools].map(([group, { sizes, shared, limits }]) => ({
      group,
      nodes: sizes.size,
      nodesLimit: limits.nodes,
      sharedSeries: shared,
      sharedSeriesLimit: limits.sharedSeries,
    }));
  }

  /** Returns whether the node or job in these labels has series. @param {Record<string, string>} labels */
  hasSeries(labels) {
    return this.#findPool(labels).sizes.has(shareHolder(labels));
  }

  /** Changes the number of series of a node or job. @param {Record<string, string>} labels @param {number} growth number of additional series */
  changeSeriesCount(labels, growth) {
    this.#findPool(labels).changeSeriesCount(shareHolder(labels), growth);
  }

  /** Validates that the limits allow more series. @param {Record<string, string>} labels @param {number} growth number of additional series @throws {Refusal} when a limit is reached */
  requireRoomForSeries(labels, growth) {
    this.#findPool(labels).requireRoomForSeries(shareHolder(labels), growth);
  }

  #findPool({ group = '' }) {
    return /** @type {Pool} */ (this.#pools.get(group) ?? this.#pools.get(''));
  }
}
