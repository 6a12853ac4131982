// Limits the series of each node in a Pushgateway. Some series are reserved for each node. Series of a node above its
// reserved series are called shared, and all nodes together have a limit of shared series.

/** @typedef {import('./known-series.mjs').Limits} Limits limits of a node group */
import { Refusal } from './server.mjs';
import { Total } from './total.mjs';

/**
 * Returns the node or job to which the series of a Pushgateway group belong: `node edge-1`, or `job backup` if the
 * grouping key has no `hostname`.
 * @param {Record<string, string>} labels of the grouping key
 */
export const formatNodeOrJobOfGroupingKey = ({ hostname, job = '' }) =>
  hostname ? `node ${hostname}` : `job ${job}`;

/**
 * Creates the refusal of a push after which a node, a job or a Pushgateway group would have more than `most` series.
 * @param {string} owner such as `node edge-1`
 * @param {number} most maximum number of series
 * @returns {Refusal}
 */
export const tooManySeriesRefusal = (owner, most) =>
  new Refusal(429, `${owner} would exceed its limit of ${most} series: push fewer series`, 'too_many_series');

/**
 * Creates the refusal of a push from a new node, when the limit of nodes is reached.
 * @param {number} most maximum number of nodes
 * @returns {Refusal}
 */
export const tooManyNodesRefusal = (most) =>
  new Refusal(
    429,
    `the limit of nodes is reached (${most} nodes, or the common limit of all node groups): only nodes that already push are accepted`,
    'too_many_nodes',
  );

/** Message for a push that needs more series above `seriesPerNode` than the limits allow. */
export const FULL =
  'the series reserved for this node, and the series that all nodes share, are used up: push fewer series';

/**
 * Counts the series of the nodes with common limits: the nodes of one node group, or all nodes whose group has no
 * limits of its own. If the grouping key of a push has no `hostname`, the job of the push is counted like a node.
 */
class Pool {
  /** Number of series of each node or job. A key is like `node edge-1`. @type {Map<string, number>} */
  sizes = new Map();
  /**
   * Number of shared series of all nodes of the pool together. The shared series of a node are the node's series
   * above `seriesPerNode`.
   */
  shared = 0;

  /** Creates an empty pool. @param {Limits} limits @param {Total} total usage of all pools */
  constructor(limits, total) {
    this.limits = limits;
    this.total = total;
  }

  /**
   * Changes the number of series of a node or job.
   * @param {string} owner such as `node edge-1`
   * @param {number} growth number of additional series; negative if series are removed
   */
  changeSeriesCountBy(owner, growth) {
    const before = this.sizes.get(owner) ?? 0;
    const after = before + growth;
    const shared = this.#countSeriesAboveReservation(after) - this.#countSeriesAboveReservation(before);
    this.shared += shared;
    this.total.sharedSeries += shared;
    this.total.nodes -= this.sizes.size;
    if (after > 0) this.sizes.set(owner, after);
    else this.sizes.delete(owner);
    this.total.nodes += this.sizes.size;
  }

  /**
   * Validates that the limits allow more series of a node or job.
   * @param {string} owner such as `node edge-1`
   * @param {number} growth number of additional series
   * @throws {Refusal} when a limit would be exceeded
   */
  assertCanAddSeries(owner, growth) {
    const { nodes, mostSeriesPerNode, sharedSeries } = this.limits;
    const before = this.sizes.get(owner) ?? 0;
    const isFull = this.sizes.size >= nodes || !this.total.canAddNode();
    if (before === 0 && isFull) throw tooManyNodesRefusal(nodes);
    const after = before + growth;
    if (after > mostSeriesPerNode) throw tooManySeriesRefusal(owner, mostSeriesPerNode);
    const more = this.#countSeriesAboveReservation(after) - this.#countSeriesAboveReservation(before);
    const hasRoom = this.shared + more <= sharedSeries && this.total.canAddSeriesAboveReservation(more);
    if (more > 0 && !hasRoom) throw new Refusal(429, FULL, 'too_many_series');
  }

  /** Returns how many series of a node are above the reserved `seriesPerNode`. @param {number} size number of all its series */
  #countSeriesAboveReservation(size) {
    return Math.max(size - this.limits.seriesPerNode, 0);
  }
}

/** Counts the series of each node and job in a Pushgateway, and enforces the limits of each node group. */
export class Shares {
  /** Pool of each node group, by the name of the group. @type {Map<string, Pool>} */
  #pools = new Map();

  /**
   * Creates a pool without nodes for each node group.
   * @param {{ pools: Readonly<Record<string, Limits>>, total?: import('./total.mjs').TotalLimits }} limits `pools`:
   * limits of each node group, by the name of the group; the key "" is for nodes in none of these groups. `total`:
   * common limits of the node groups; it does not apply to the key ""
   */
  constructor({ pools, total }) {
    const all = new Total(total);
    for (const [group, limits] of Object.entries(pools)) {
      this.#pools.set(group, new Pool(limits, group ? all : new Total()));
    }
  }

  /** Number of nodes and jobs that have series. @returns {number} */
  get nodeAndJobCount() {
    return [...this.#pools.values()].reduce((sum, { sizes }) => sum + sizes.size, 0);
  }

  /**
   * Returns the number of nodes and the number of shared series in each node group, and the limits of both. Shared series
   * are the series of a node above `seriesPerNode`.
   */
  usageByNodeGroup() {
    return [...this.#pools].map(([group, { sizes, shared, limits }]) => ({
      group,
      nodes: sizes.size,
      nodesLimit: limits.nodes,
      sharedSeries: shared,
      sharedSeriesLimit: limits.sharedSeries,
    }));
  }

  /**
   * Returns whether the node or job in a grouping key has series.
   * @param {Record<string, string>} labels of the grouping key
   */
  hasSeriesOfNodeOrJob(labels) {
    return this.#poolOfNodeGroup(labels).sizes.has(formatNodeOrJobOfGroupingKey(labels));
  }

  /**
   * Changes the number of series of a node or job.
   * @param {Record<string, string>} labels of the grouping key
   * @param {number} growth number of additional series; negative if series are removed
   */
  changeSeriesCountBy(labels, growth) {
    this.#poolOfNodeGroup(labels).changeSeriesCountBy(formatNodeOrJobOfGroupingKey(labels), growth);
  }

  /**
   * Validates that the limits allow more series of a node or job.
   * @param {Record<string, string>} labels of the grouping key
   * @param {number} growth number of additional series
   * @throws {Refusal} when a limit would be exceeded
   */
  assertCanAddSeries(labels, growth) {
    this.#poolOfNodeGroup(labels).assertCanAddSeries(formatNodeOrJobOfGroupingKey(labels), growth);
  }

  /**
   * Returns the pool of a node group. For a node group without limits of its own, returns the pool with the
   * key "".
   */
  #poolOfNodeGroup({ group = '' }) {
    return /** @type {Pool} */ (this.#pools.get(group) ?? this.#pools.get(''));
  }
}
