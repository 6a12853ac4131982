// Tracks the series of each node under limits. Known series stay accepted whatever else arrives; a series is removed if
// no request of the current window and of the previous one contained it.
import { Total } from './total.mjs';

/**
 * Limits of nodes that share a pool: each of at most `nodes` has `seriesPerNode` for itself, and above that, up to
 * `mostSeriesPerNode`, a part of `sharedSeries`.
 * @typedef {{ nodes: number, seriesPerNode: number, mostSeriesPerNode: number, sharedSeries: number }} Limits
 */

/** Maximum number of new label names per pool and window; each needs 0.5 kB in Prometheus. Exporters have some hundred. */
const MOST_LABEL_NAMES = 2_000;

/** Size of one series, for which Prometheus needs 4 kB; a larger one counts as several. */
const BYTES_OF_A_SERIES = 1_024;
const LABELS_OF_A_SERIES = 20;

/** Returns as how many series one counts. @param {number} bytes of its labels @param {number} labels */
export const seriesWeight = (bytes, labels) =>
  Math.max(1, Math.ceil(bytes / BYTES_OF_A_SERIES), Math.ceil(labels / LABELS_OF_A_SERIES));

/** Returns the hash of an additional part of a large series. @param {number} hash of the series @param {number} part */
const hashOfPart = (hash, part) => (hash + Math.imul(part, 0x9e3779b1)) | 0;

/** Returns all hashes of a series. @param {number} hash @param {number} weight */
export const hashParts = (hash, weight) =>
  Array.from({ length: weight }, (_, part) => hashOfPart(hash, part));

/** The series of one node, by the hash of their labels. */
export class NodeSeries {
  current = new Set();
  previous = new Set();

  /** @param {Pool} pool */
  constructor(pool) {
    this.pool = pool;
  }

  get size() {
    return this.current.size + this.previous.size;
  }

  /** @param {number} hash @param {number} [weight] @returns {boolean} whether it is known, and stays so */
  knows(hash, weight = 1) {
    if (!this.#keep(hash)) return false;
    for (let part = 1; part < weight; part++) this.#keep(hashOfPart(hash, part));
    return true;
  }

  /** @param {number} hash */
  #keep(hash) {
    if (this.current.has(hash)) return true;
    if (!this.previous.delete(hash)) return false;
    this.current.add(hash);
    return true;
  }

  /** @param {number} hash of a series that is not known @param {number} [weight] @returns {boolean} whether there is room */
  add(hash, weight = 1) {
    if (weight > 1) return this.addAll(hashParts(hash, weight));
    const { pool, size } = this;
    if (size >= pool.limits.seriesPerNode) {
      if (size >= pool.limits.mostSeriesPerNode || !pool.hasRoomFor(1)) return false;
      pool.share(1);
    }
    this.current.add(hash);
    return true;
  }

  /** @param {Iterable<number>} hashes @returns {boolean} whether there is room for all that are not known; else it knows none of those */
  addAll(hashes) {
    const added = [...hashes].filter((hash) => !this.knows(hash));
    const { pool } = this;
    const { limits } = pool;
    /** @param {number} size */
    const excessSeries = (size) => Math.max(size - limits.seriesPerNode, 0);
    const after = this.size + added.length;
    const shared = excessSeries(after) - excessSeries(this.size);
    if (after > limits.mostSeriesPerNode && added.length > 0) return false;
    if (shared > 0 && !pool.hasRoomFor(shared)) return false;
    pool.share(shared);
    for (const hash of added) this.current.add(hash);
    return true;
  }
}

/** Nodes that share limits: those of a group, or all. */
class Pool {
  /** @type {Map<string, NodeSeries>} */
  nodes = new Map();
  #shared = 0;
  /** Label names of series that were new in this window. @type {Set<string>} */
  labelNames = new Set();

  /** @param {Limits} limits @param {Total} total of all pools */
  constructor(limits, total) {
    this.limits = limits;
    this.total = total;
  }

  /** @param {string} name @returns {NodeSeries | undefined} undefined where there is no room for one more */
  node(name) {
    const known = this.nodes.get(name);
    if (known || this.nodes.size >= this.limits.nodes || !this.total.hasRoomForNode()) return known;
    const node = new NodeSeries(this);
    this.nodes.set(name, node);
    this.total.nodes++;
    return node;
  }

  /** @param {number} series beyond what a node has for itself */
  hasRoomFor(series) {
    return this.#shared + series <= this.limits.sharedSeries && this.total.hasRoomFor(series);
  }

  /** @param {number} series beyond what a node has for itself */
  share(series) {
    this.#shared += series;
    this.total.sharedSeries += series;
  }

  /** @param {Iterable<string>} names of labels of a new series @returns {boolean} whether there is room for all; else it has those that came first */
  takeLabelNames(names) {
    for (const name of names) {
      if (this.labelNames.has(name)) continue;
      if (this.labelNames.size >= MOST_LABEL_NAMES) return false;
      // The string is copied, because a substring would keep the whole string in memory.
      this.labelNames.add(Buffer.from(name, 'latin1').latin1Slice());
    }
    return true;
  }

  /** Starts a window. */
  rotate() {
    this.labelNames.clear();
    for (const [name, node] of this.nodes) {
      node.previous = node.current;
      node.current = new Set();
      if (node.size === 0) this.nodes.delete(name);
    }
  }

  /** Counts the series of nodes above what each node has for itself. */
  count() {
    this.#shared = 0;
    this.total.nodes += this.nodes.size;
    for (const { size } of this.nodes.values()) this.share(Math.max(size - this.limits.seriesPerNode, 0));
  }
}

export class KnownSeries {
  /** @type {Map<string, Pool>} */
  #pools = new Map();
  #total;

  /**
   * @param {{ windowMs: number, pools: Readonly<Record<string, Limits>>, total?: import('./total.mjs').TotalLimits }} limits by
   * group; those of "" are for all others, and no part of the total
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

  /** @param {string} group @param {string} name */
  node(group, name) {
    return (this.#pools.get(group) ?? this.#pools.get(''))?.node(name);
  }

  /** @param {string} group @param {string} name @returns {boolean} whether the node has series */
  has(group, name) {
    return (this.#pools.get(group) ?? this.#pools.get(''))?.nodes.has(name) ?? false;
  }

  /** Starts a window if the previous one has ended. @param {number} now */
  rotate(now) {
    for (let left = 2; left > 0 && now >= this.began + this.windowMs; left--) {
      for (const pool of this.#pools.values()) pool.rotate();
      this.#count();
      this.began += this.windowMs;
    }
    if (now >= this.began + this.windowMs) this.began = now;
  }

  #count() {
    this.#total.clear();
    for (const pool of this.#pools.values()) pool.count();
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
   * Returns the input of `restore`: the start of the window, then lines for each pool and each of its nodes.
   * @returns {Generator<string>}
   */
  *serialize() {
    /** @param {Set<number>} set */
    const encodeSet = (set) => Buffer.from(Int32Array.from(set).buffer).toString('base64');
    yield `${this.began}`;
    for (const [group, { labelNames, nodes }] of this.#pools) {
      yield JSON.stringify([group, [...labelNames]]);
      for (const [name, { current, previous }] of nodes) {
        yield JSON.stringify([group, name, encodeSet(current), encodeSet(previous)]);
      }
    }
  }

  /** @param {readonly string[]} saved @param {number} now @throws {Error} when they are something else */
  restore([began, ...lines], now) {
    if (!(Number(began) <= now)) throw new TypeError('it does not say since when');
    /** @param {string} text */
    const decodeSet = (text) => {
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
      node.current = decodeSet(current);
      node.previous = decodeSet(previous);
      pool.nodes.set(name, node);
    }
    this.#count();
    this.began = Number(began);
    this.rotate(now);
  }
}
