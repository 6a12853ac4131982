// Tracks the series of each node under limits. A known series stays accepted, even if a limit is reached later. A
// series is forgotten if no request in the current and the previous window contained it.

/**
 * Limits of a pool: the nodes of one node group, or all nodes. A pool has at most `nodes` nodes. `seriesPerNode` series
 * are reserved for each node. A node can have more series, up to `mostSeriesPerNode`. The series of a node above
 * `seriesPerNode` are called shared series. All nodes of the pool together have at most `sharedSeries` shared series.
 * @typedef {{ nodes: number, seriesPerNode: number, mostSeriesPerNode: number, sharedSeries: number }} Limits
 */
import { Total } from './total.mjs';

/** Maximum number of different label names that all nodes of a node group can use together in one time window. A label name needs 0.5 kB in Prometheus. Exporters have a few hundred label names. */
const MOST_LABEL_NAMES = 2_000;

/** Maximum size in bytes of a series that counts as one series. Prometheus needs 4 kB of memory for a series of this size. A larger series counts as several series. */
const BYTES_OF_A_SERIES = 1_024;
/** Number of labels up to which a series counts as one series. A series with more labels counts as several series. */
const LABELS_OF_A_SERIES = 20;

/** Returns how many series one series counts as: 1, or more for a large series. @param {number} bytes size of the series @param {number} labels number of labels */
export const weightOfSeriesInLimits = (bytes, labels) =>
  Math.max(1, Math.ceil(bytes / BYTES_OF_A_SERIES), Math.ceil(labels / LABELS_OF_A_SERIES));

/** Returns the hash of a part of a large series. Each part is counted as one series. Part 0 has the hash of the series. @param {number} hash of the series @param {number} part number of the part */
const hashOfPartOfLargeSeries = (hash, part) => (hash + Math.imul(part, 0x9e3779b1)) | 0;

/** Returns the hashes of all parts of a large series. @param {number} hash of the series @param {number} weight number of parts */
export const hashesOfPartsOfLargeSeries = (hash, weight) =>
  Array.from({ length: weight }, (_, part) => hashOfPartOfLargeSeries(hash, part));

/** The known series of one node, as hashes: the series in the requests of the current and the previous time window. */
export class NodeSeries {
  current = new Set();
  previous = new Set();

  /** Creates a node without series. @param {Pool} pool limits and usage of the node group */
  constructor(pool) {
    this.pool = pool;
  }

  get size() {
    return this.current.size + this.previous.size;
  }

  /** Returns whether a series is known. If so, the series stays known until the end of the next time window. @param {number} hash of the series @param {number} [weight] number of parts @returns {boolean} false if the series is not known; the series is not added */
  refreshSeriesIfKnown(hash, weight = 1) {
    if (!this.#refreshHashIfKnown(hash)) return false;
    for (let part = 1; part < weight; part++) this.#refreshHashIfKnown(hashOfPartOfLargeSeries(hash, part));
    return true;
  }

  /** Moves a known hash into the current time window. Returns whether the hash was known. @param {number} hash of a series or of a part */
  #refreshHashIfKnown(hash) {
    if (this.current.has(hash)) return true;
    if (!this.previous.delete(hash)) return false;
    this.current.add(hash);
    return true;
  }

  /** Adds a series that is not known, if the limits allow it. @param {number} hash of the series @param {number} [weight] number of parts @returns {boolean} false if a limit is reached; the series is then not added */
  tryAddSeries(hash, weight = 1) {
    if (weight > 1) return this.tryAddAllSeriesOrNone(hashesOfPartsOfLargeSeries(hash, weight));
    const { pool, size } = this;
    if (size >= pool.limits.seriesPerNode) {
      if (size >= pool.limits.mostSeriesPerNode || !pool.canAddSeriesAboveReservation(1)) return false;
      pool.addToSharedSeriesCounts(1);
    }
    this.current.add(hash);
    return true;
  }

  /** Adds the series that are not known yet. If a limit would be exceeded, adds no series. @param {Iterable<number>} hashes of known and unknown series @returns {boolean} false if a limit would be exceeded */
  tryAddAllSeriesOrNone(hashes) {
    const added = [...hashes].filter((hash) => !this.refreshSeriesIfKnown(hash));
    const { pool } = this;
    const { limits } = pool;
    /** Returns how many series of a node are above the reserved `seriesPerNode`. @param {number} size number of all series of the node */
    const countSeriesAboveReservation = (size) => Math.max(size - limits.seriesPerNode, 0);
    const after = this.size + added.length;
    const shared = countSeriesAboveReservation(after) - countSeriesAboveReservation(this.size);
    if (after > limits.mostSeriesPerNode && added.length > 0) return false;
    if (shared > 0 && !pool.canAddSeriesAboveReservation(shared)) return false;
    pool.addToSharedSeriesCounts(shared);
    for (const hash of added) this.current.add(hash);
    return true;
  }
}

/** Nodes with common limits: the nodes of one node group, or all nodes whose group has no limits of its own. */
class Pool {
  /** Series of each node, by the name of the node. @type {Map<string, NodeSeries>} */
  nodes = new Map();
  #shared = 0;
  /** Label names that `tryAddLabelNames` added in the current time window. @type {Set<string>} */
  labelNames = new Set();

  /** Creates a pool without nodes. @param {Limits} limits @param {Total} total usage of all pools */
  constructor(limits, total) {
    this.limits = limits;
    this.total = total;
  }

  /** Returns the series of a node. Adds the node if it is not known. @param {string} name @returns {NodeSeries | undefined} `undefined` if the node is not known and the limit of nodes is reached */
  findOrAddNode(name) {
    const known = this.nodes.get(name);
    if (known || this.nodes.size >= this.limits.nodes || !this.total.canAddNode()) return known;
    const node = new NodeSeries(this);
    this.nodes.set(name, node);
    this.total.nodes++;
    return node;
  }

  /** Returns whether the limits of this pool and of all pools together allow more series above `seriesPerNode`. @param {number} more number of additional shared series */
  canAddSeriesAboveReservation(more) {
    return this.#shared + more <= this.limits.sharedSeries && this.total.canAddSeriesAboveReservation(more);
  }

  /** Adds to the count of shared series (above `seriesPerNode`) of this pool, and to the count of all pools. @param {number} series number to add */
  addToSharedSeriesCounts(series) {
    this.#shared += series;
    this.total.sharedSeries += series;
  }

  /** Adds label names that are not known yet, until the limit of label names is reached. @param {Iterable<string>} names label names, such as `device` @returns {boolean} false if the limit does not allow all label names */
  tryAddLabelNames(names) {
    for (const name of names) {
      if (this.labelNames.has(name)) continue;
      if (this.labelNames.size >= MOST_LABEL_NAMES) return false;
      // The name is copied, because a substring would keep the whole request body in memory.
      this.labelNames.add(Buffer.from(name, 'latin1').latin1Slice());
    }
    return true;
  }

  /** Starts a new time window. Removes the series that were not in a request of the ended window, and nodes without series. */
  startNewTimeWindow() {
    this.labelNames.clear();
    for (const [name, node] of this.nodes) {
      node.previous = node.current;
      node.current = new Set();
      if (node.size === 0) this.nodes.delete(name);
    }
  }

  /** Counts the pool's nodes and shared series (above `seriesPerNode`) again. Adds both to the usage of all pools. */
  recountUsageAndAddToTotal() {
    this.#shared = 0;
    this.total.nodes += this.nodes.size;
    for (const { size } of this.nodes.values())
      this.addToSharedSeriesCounts(Math.max(size - this.limits.seriesPerNode, 0));
  }
}

/** The known series of all nodes, in a pool for each node group. */
export class KnownSeries {
  /** Pool of each node group, by the name of the group. @type {Map<string, Pool>} */
  #pools = new Map();
  #total;

  /**
   * Creates a pool without nodes for each node group.
   * @param {{ windowMs: number, pools: Readonly<Record<string, Limits>>, total?: import('./total.mjs').TotalLimits }}
   * limits `windowMs`: length of a time window. `pools`: limits of each node group, by the name of the group; the key
   * "" is for nodes in none of these groups. `total`: common limits of the node groups; it does not apply to the key ""
   * @param {number} now in milliseconds since 1970
   */
  constructor({ windowMs, pools, total }, now) {
    this.windowMs = windowMs;
    this.began = now;
    this.#total = new Total(total);
    for (const [group, limits] of Object.entries(pools)) {
      this.#pools.set(group, new Pool(limits, group ? this.#total : new Total()));
    }
  }

  /** Returns the series of a node in a group. Adds the node if it is not known. Returns `undefined` if the series must be refused: the node is not known and the limit of nodes is reached, or no limits are configured for the group. @param {string} group @param {string} name of the node */
  findOrAddNode(group, name) {
    return (this.#pools.get(group) ?? this.#pools.get(''))?.findOrAddNode(name);
  }

  /** Returns whether a node has known series. @param {string} group @param {string} name of the node @returns {boolean} */
  hasNode(group, name) {
    return (this.#pools.get(group) ?? this.#pools.get(''))?.nodes.has(name) ?? false;
  }

  /** Starts a new time window if the current one has ended. @param {number} now in milliseconds since 1970 */
  startNewTimeWindowIfDue(now) {
    for (let left = 2; left > 0 && now >= this.began + this.windowMs; left--) {
      for (const pool of this.#pools.values()) pool.startNewTimeWindow();
      this.#recountUsageOfAllPools();
      this.began += this.windowMs;
    }
    if (now >= this.began + this.windowMs) this.began = now;
  }

  #recountUsageOfAllPools() {
    this.#total.resetUsage();
    for (const pool of this.#pools.values()) pool.recountUsageAndAddToTotal();
  }

  get nodes() {
    return [...this.#pools.values()].reduce((sum, { nodes }) => sum + nodes.size, 0);
  }

  get series() {
    let sum = 0;
    for (const { nodes } of this.#pools.values()) for (const { size } of nodes.values()) sum += size;
    return sum;
  }

  /** Yields the state as lines for `restoreState()`: the start of the time window, then a line for each pool and each node. @returns {Generator<string>} */
  *serializeState() {
    /** Encodes hashes as base64 text. @param {Set<number>} set */
    const encodeHashes = (set) => Buffer.from(Int32Array.from(set).buffer).toString('base64');
    yield `${this.began}`;
    for (const [group, { labelNames, nodes }] of this.#pools) {
      yield JSON.stringify([group, [...labelNames]]);
      for (const [name, { current, previous }] of nodes) {
        yield JSON.stringify([group, name, encodeHashes(current), encodeHashes(previous)]);
      }
    }
  }

  /** Restores the state from the lines of `serializeState()`. Skips the nodes of groups that have no limits now. @param {readonly string[]} saved the lines @param {number} now in milliseconds since 1970 @throws {Error} when the lines are invalid */
  restoreState([began, ...lines], now) {
    if (!(Number(began) <= now))
      throw new TypeError('the start of the time window is missing or in the future');
    /** Decodes the base64 text of `encodeHashes`. @param {string} text */
    const decodeHashes = (text) => {
      const { buffer, byteOffset, length } = Buffer.from(text, 'base64');
      return new Set(new Int32Array(buffer.slice(byteOffset, byteOffset + length)));
    };
    for (const line of lines) {
      const [group, name, current, previous] = JSON.parse(line);
      const pool = this.#pools.get(group);
      if (!pool) continue;
      if (Array.isArray(name)) {
        pool.labelNames = new Set(name);
        continue;
      }
      const node = new NodeSeries(pool);
      node.current = decodeHashes(current);
      node.previous = decodeHashes(previous);
      pool.nodes.set(name, node);
    }
    this.#recountUsageOfAllPools();
    this.began = Number(began);
    this.startNewTimeWindowIfDue(now);
  }
}
