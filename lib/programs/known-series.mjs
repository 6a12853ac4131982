// Tracks the series of each node under limits. A known series stays accepted, also if a limit is reached later. It is
// removed if no request in the current and the previous window contained it.
import { Total } from './total.mjs';

/**
 * Limits of the nodes in a pool. At most `nodes` nodes are accepted. `seriesPerNode` series are reserved for each
 * node. A node can use more series, up to `mostSeriesPerNode`, as long as all nodes together use at most
 * `sharedSeries` series above their reserved ones.
 * @typedef {{ nodes: number, seriesPerNode: number, mostSeriesPerNode: number, sharedSeries: number }} Limits
 */

/** Maximum number of new label names in a pool and window. Each needs 0.5 kB in Prometheus. Exporters have a few hundred. */
const MOST_LABEL_NAMES = 2_000;

/** Maximum size of a series that counts once, for which Prometheus needs 4 kB. A larger series counts several times. */
const BYTES_OF_A_SERIES = 1_024;
const LABELS_OF_A_SERIES = 20;

/** Returns the number of times that a series counts. @param {number} bytes size of its labels @param {number} labels number of its labels */
export const seriesWeight = (bytes, labels) =>
  Math.max(1, Math.ceil(bytes / BYTES_OF_A_SERIES), Math.ceil(labels / LABELS_OF_A_SERIES));

/** Returns the hash of the n-th part of a large series. @param {number} hash of the series @param {number} part */
const hashOfPart = (hash, part) => (hash + Math.imul(part, 0x9e3779b1)) | 0;

/** Returns the hashes of all parts of a series. @param {number} hash @param {number} weight */
export const hashesOfParts = (hash, weight) =>
  Array.from({ length: weight }, (_, part) => hashOfPart(hash, part));

/** The series of one node, by the hash of their labels. */
export class NodeSeries {
  current = new Set();
  previous = new Set();

  /** Creates a node without series. `pool` contains the limits of the node. @param {Pool} pool */
  constructor(pool) {
    this.pool = pool;
  }

  get size() {
    return this.current.size + this.previous.size;
  }

  /** Returns whether a series is known. If so, it stays known in the next window. @param {number} hash @param {number} [weight] @returns {boolean} */
  keepSeriesIfKnown(hash, weight = 1) {
    if (!this.#keepHashIfKnown(hash)) return false;
    for (let part = 1; part < weight; part++) this.#keepHashIfKnown(hashOfPart(hash, part));
    return true;
  }

  /** Keeps a known series for the next window. Returns whether the series was known. @param {number} hash */
  #keepHashIfKnown(hash) {
    if (this.current.has(hash)) return true;
    if (!this.previous.delete(hash)) return false;
    this.current.add(hash);
    return true;
  }

  /** Adds a series that is not known. @param {number} hash @param {number} [weight] @returns {boolean} whether the limits allow it */
  addSeries(hash, weight = 1) {
    if (weight > 1) return this.addAllSeries(hashesOfParts(hash, weight));
    const { pool, size } = this;
    if (size >= pool.limits.seriesPerNode) {
      if (size >= pool.limits.mostSeriesPerNode || !pool.hasRoomForSeries(1)) return false;
      pool.addSharedSeries(1);
    }
    this.current.add(hash);
    return true;
  }

  /** Adds all unknown series, or no series if the limits do not allow all of them. @param {Iterable<number>} hashes @returns {boolean} whether the limits allow all of them */
  addAllSeries(hashes) {
    const added = [...hashes].filter((hash) => !this.keepSeriesIfKnown(hash));
    const { pool } = this;
    const { limits } = pool;
    /** Returns how many of a node's series count as shared. @param {number} size */
    const countExcessSeries = (size) => Math.max(size - limits.seriesPerNode, 0);
    const after = this.size + added.length;
    const shared = countExcessSeries(after) - countExcessSeries(this.size);
    if (after > limits.mostSeriesPerNode && added.length > 0) return false;
    if (shared > 0 && !pool.hasRoomForSeries(shared)) return false;
    pool.addSharedSeries(shared);
    for (const hash of added) this.current.add(hash);
    return true;
  }
}

/** Nodes that share limits: the nodes of one group, or all nodes. */
class Pool {
  /** @type {Map<string, NodeSeries>} */
  nodes = new Map();
  #shared = 0;
  /** Label names of the series that were added in this window. @type {Set<string>} */
  labelNames = new Set();

  /** Creates a pool without nodes. @param {Limits} limits @param {Total} total usage of all pools */
  constructor(limits, total) {
    this.limits = limits;
    this.total = total;
  }

  /** Returns the series of a node, and adds the node if it is unknown. @param {string} name @returns {NodeSeries | undefined} `undefined` if the limit of nodes is reached */
  findOrAddNode(name) {
    const known = this.nodes.get(name);
    if (known || this.nodes.size >= this.limits.nodes || !this.total.hasRoomForNode()) return known;
    const node = new NodeSeries(this);
    this.nodes.set(name, node);
    this.total.nodes++;
    return node;
  }

  /** Returns whether the limits allow more shared series. @param {number} series number of additional shared series */
  hasRoomForSeries(series) {
    return this.#shared + series <= this.limits.sharedSeries && this.total.hasRoomForSeries(series);
  }

  /** Counts series as shared. @param {number} series number of additional shared series */
  addSharedSeries(series) {
    this.#shared += series;
    this.total.sharedSeries += series;
  }

  /** Adds label names until the limit is reached. @param {Iterable<string>} names of labels of new series @returns {boolean} whether all of them were added */
  addLabelNames(names) {
    for (const name of names) {
      if (this.labelNames.has(name)) continue;
      if (this.labelNames.size >= MOST_LABEL_NAMES) return false;
      // The string is copied, because a substring would keep the whole string in memory.
      this.labelNames.add(Buffer.from(name, 'latin1').latin1Slice());
    }
    return true;
  }

  /** Starts a new window. */
  startNewWindow() {
    this.labelNames.clear();
    for (const [name, node] of this.nodes) {
      node.previous = node.current;
      node.current = new Set();
      if (node.size === 0) this.nodes.delete(name);
    }
  }

  /** Counts the nodes and the shared series of the pool again. */
  recountUsage() {
    this.#shared = 0;
    this.total.nodes += this.nodes.size;
    for (const { size } of this.nodes.values())
      this.addSharedSeries(Math.max(size - this.limits.seriesPerNode, 0));
  }
}

export class KnownSeries {
  /** @type {Map<string, Pool>} */
  #pools = new Map();
  #total;

  /**
   * Creates a pool without nodes for each node group.
   * @param {{ windowMs: number, pools: Readonly<Record<string, Limits>>, total?: import('./total.mjs').TotalLimits }} limits by
   * node group; the key "" is for all other nodes, which do not count for the total
   * @param {number} now
   */
  constructor({ windowMs, pools, total }, now) {
    this.windowMs = windowMs;
    this.began = now;
    this.#total = new Total(total);
    for (const [group, limits] of Object.entries(pools)) {
      this.#pools.set(group, new Pool(limits, group ? this.#total : new Total()));
    }
  }

  /** Returns the series of a node in a group, and adds an unknown node. Returns `undefined` if the limit of nodes is reached. @param {string} group @param {string} name */
  findOrAddNode(group, name) {
    return (this.#pools.get(group) ?? this.#pools.get(''))?.findOrAddNode(name);
  }

  /** Returns whether series of a node are known. @param {string} group @param {string} name @returns {boolean} */
  hasNode(group, name) {
    return (this.#pools.get(group) ?? this.#pools.get(''))?.nodes.has(name) ?? false;
  }

  /** Starts a new window if the current one has ended. @param {number} now */
  startNewWindowIfDue(now) {
    for (let left = 2; left > 0 && now >= this.began + this.windowMs; left--) {
      for (const pool of this.#pools.values()) pool.startNewWindow();
      this.#recountUsage();
      this.began += this.windowMs;
    }
    if (now >= this.began + this.windowMs) this.began = now;
  }

  #recountUsage() {
    this.#total.resetUsage();
    for (const pool of this.#pools.values()) pool.recountUsage();
  }

  get nodes() {
    return [...this.#pools.values()].reduce((sum, { nodes }) => sum + nodes.size, 0);
  }

  get series() {
    let sum = 0;
    for (const { nodes } of this.#pools.values()) for (const { size } of nodes.values()) sum += size;
    return sum;
  }

  /**
   * Returns the state as lines for `restoreState()`: the start of the window, then lines for each pool and each node.
   * @returns {Generator<string>}
   */
  *serializeState() {
    /** Encodes hashes as base64 text for the saved state. @param {Set<number>} set */
    const encodeHashes = (set) => Buffer.from(Int32Array.from(set).buffer).toString('base64');
    yield `${this.began}`;
    for (const [group, { labelNames, nodes }] of this.#pools) {
      yield JSON.stringify([group, [...labelNames]]);
      for (const [name, { current, previous }] of nodes) {
        yield JSON.stringify([group, name, encodeHashes(current), encodeHashes(previous)]);
      }
    }
  }

  /** Restores the state that `serializeState()` returned. @param {readonly string[]} saved @param {number} now @throws {Error} when the lines are invalid */
  restoreState([began, ...lines], now) {
    if (!(Number(began) <= now)) throw new TypeError('the start of the window is missing or in the future');
    /** Decodes the text that `encodeHashes` returned. @param {string} text */
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
    this.#recountUsage();
    this.began = Number(began);
    this.startNewWindowIfDue(now);
  }
}
