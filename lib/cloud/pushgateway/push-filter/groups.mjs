// Tracks the groups of a Pushgateway and their sizes, and enforces the limits.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Shares, tooManySeriesRefusal } from '../../../programs/shares.mjs';

/** Overhead of a group in series: a scrape gathers and reports it separately. */
const GROUP_SERIES = 20;

/** A series with more bytes counts as several. */
const BYTES_OF_A_SERIES = 256;

/**
 * @typedef {object} Limits
 * @property {number} seriesOfGroup of one grouping key
 * @property {Readonly<Record<string, import('../../../programs/known-series.mjs').Limits>>} pools by group of nodes
 * @property {import('../../../programs/total.mjs').TotalLimits} [total] of all pools, where they share limits
 */

/**
 * @typedef {object} Group
 * @property {Record<string, string>} labels
 * @property {number} size in series, as of its last PUT
 * @property {Record<string, number>} posted size of each family that was POSTed since, by its name
 * @property {number} pushed when, in seconds since 1970
 */

/** Result of a push. @typedef {'stored' | 'refused' | 'unknown'} Outcome */

export class Groups {
  /** @type {Map<string, Group>} by path */
  #groups = new Map();
  #shares;
  /**
   * Number of pushes by path that have been sent to the Pushgateway without a response yet.
   * @type {Map<string, number>}
   */
  #pending = new Map();
  /** Total number of series. */
  size = 0;

  /** @param {Limits} limits */
  constructor(limits) {
    this.limits = limits;
    this.#shares = new Shares(limits);
  }

  /** Number of groups. */
  get count() {
    return this.#groups.size;
  }

  /** Number of nodes that have groups, and of jobs whose groups belong to no node. */
  get holders() {
    return this.#shares.holders;
  }

  /** Usage and limits of each node group. */
  get shares() {
    return this.#shares.list();
  }

  /** @param {Record<string, string>} labels @returns {boolean} whether their node has groups */
  hasHolder(labels) {
    return this.#shares.has(labels);
  }

  /** @returns {Group[]} */
  list() {
    return [...this.#groups.values()];
  }

  /**
   * Sets the size of a group as the push makes it. Until the push is settled, another push of the same group counts
   * only if it is larger, because the Pushgateway may store them in any order.
   * @param {string} path @param {Map<string, string>} labels @param {import('../../../programs/pushes.mjs').Push} push
   * @param {boolean} replaces all of the group
   * @returns {(outcome: Outcome) => void} settles the push, to be called once @throws {Refusal}
   */
  admit(path, labels, push, replaces) {
    const before = this.#groups.get(path);
    const wanted = groupAfterPush(before, Object.fromEntries(labels), push, replaces);
    const after = this.#pending.has(path) ? largerGroup(before, wanted) : wanted;
    this.#refuseBeyondLimits(before, after);
    this.#set(path, before, after);
    this.#pending.set(path, (this.#pending.get(path) ?? 0) + 1);
    return (outcome) => {
      this.#settle(path);
      // Another push may have changed the size since.
      if (outcome === 'stored' || this.#groups.get(path) !== after) return;
      this.#set(path, after, outcome === 'refused' ? before : largerGroup(before, after));
    };
  }

  /** @param {string} path */
  #settle(path) {
    const left = (this.#pending.get(path) ?? 0) - 1;
    if (left > 0) this.#pending.set(path, left);
    else this.#pending.delete(path);
  }

  /**
   * Must be called after the Pushgateway has removed the group; a push in progress re-creates it.
   * @param {string} path
   */
  remove(path) {
    if (!this.#pending.has(path)) this.#set(path, this.#groups.get(path), undefined);
  }

  /**
   * A push that adds nothing is never refused, so a flood by others causes no gap.
   * @param {Group | undefined} before @param {Group} after
   */
  #refuseBeyondLimits(before, after) {
    const growth = groupSize(after) - groupSize(before);
    if (growth <= 0) return;
    const { seriesOfGroup } = this.limits;
    if (groupSize(after) - GROUP_SERIES > seriesOfGroup)
      throw tooManySeriesRefusal('the group', seriesOfGroup);
    this.#shares.admit(after.labels, growth);
  }

  /** @param {string} path @param {Group | undefined} before @param {Group | undefined} after */
  #set(path, before, after) {
    const growth = groupSize(after) - groupSize(before);
    this.size += growth;
    this.#shares.change((after ?? before)?.labels ?? {}, growth);
    if (after) this.#groups.set(path, after);
    else this.#groups.delete(path);
  }

  /** Loads the saved state. @param {string} file @throws {Error} when it cannot be read; then there is nothing yet */
  load(file) {
    for (const [path, group] of JSON.parse(readFileSync(file, 'utf8'))) this.#set(path, undefined, group);
  }

  /** @param {string} file */
  save(file) {
    writeFileSync(`${file}.new`, JSON.stringify([...this.#groups]));
    renameSync(`${file}.new`, file);
  }
}

/**
 * @param {Group | undefined} before @param {Record<string, string>} labels @param {import('../../../programs/pushes.mjs').Push} push
 * @param {boolean} replaces @returns {Group}
 */
function groupAfterPush(before, labels, { text, families }, replaces) {
  let samples = 0;
  for (const count of families.values()) samples += count;
  const weight = Math.max(1, text.length / BYTES_OF_A_SERIES / (samples || 1));
  const pushed = Date.now() / 1_000;
  if (replaces || !before) {
    const posted = replaces ? {} : familySizes(families, weight);
    return { labels, size: replaces ? Math.ceil(samples * weight) : 0, posted, pushed };
  }
  // Series of an earlier PUT that this push replaces still count until the next PUT, so the count may be too high.
  return { ...before, posted: { ...before.posted, ...familySizes(families, weight) }, pushed };
}

/** Returns the larger of two sizes of a group. @param {Group | undefined} one @param {Group} other @returns {Group} */
function largerGroup(one, other) {
  if (!one) return other;
  const posted = { ...other.posted };
  for (const [name, size] of Object.entries(one.posted)) posted[name] = Math.max(size, posted[name] ?? 0);
  return { ...other, size: Math.max(one.size, other.size), posted };
}

/**
 * Names are copied, because a substring would keep the whole string in memory.
 * @param {Map<string, number>} families @param {number} weight
 */
const familySizes = (families, weight) =>
  Object.fromEntries(
    [...families].map(([name, count]) => [Buffer.from(name).toString(), Math.ceil(count * weight)]),
  );

/** @param {Group | undefined} group @returns {number} */
const groupSize = (group) =>
  group ? Object.values(group.posted).reduce((sum, size) => sum + size, group.size + GROUP_SERIES) : 0;
