// Which groups a Pushgateway holds, how large they are, and how large they may become.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Shares, tooManySeriesRefusal } from '../../../programs/shares.mjs';

/** What a group takes beside its samples, as so many series: it is gathered and told of by itself. */
const GROUP_SERIES = 20;

/** A series that is written with more bytes counts as several. */
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

/**
 * What became of a push.
 * @typedef {'stored' | 'refused' | 'unknown'} Outcome
 */

export class Groups {
  /** @type {Map<string, Group>} by path */
  #groups = new Map();
  #shares;
  /** Pushes by path that are on their way to the Pushgateway. @type {Map<string, number>} */
  #pending = new Map();
  /** Series in all. */
  size = 0;

  /** @param {Limits} limits */
  constructor(limits) {
    this.limits = limits;
    this.#shares = new Shares(limits);
  }

  /** How many there are. */
  get count() {
    return this.#groups.size;
  }

  /** Nodes that have groups, and jobs of those that are of no node. */
  get holders() {
    return this.#shares.holders;
  }

  /** What each group of nodes holds, and may hold. */
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
   * Makes a group as large as a push makes it. Until the push is settled, another push of the group counts only as far
   * as it is larger: the Pushgateway may store them in any order.
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
      // Another push may have changed the count since.
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

  /** To be called once the Pushgateway has removed the group; a push that is on its way brings it back. @param {string} path */
  remove(path) {
    if (!this.#pending.has(path)) this.#set(path, this.#groups.get(path), undefined);
  }

  /**
   * What does not grow is never refused: a flood of others makes no gap.
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

  /** Reads what was saved. @param {string} file @throws {Error} when it cannot be read; then there is nothing yet */
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
  // What it replaces of an earlier PUT is counted still: more than there is, until the next PUT.
  return { ...before, posted: { ...before.posted, ...familySizes(families, weight) }, pushed };
}

/**
 * A group that is counted as whichever of two sizes is larger.
 * @param {Group | undefined} one @param {Group} other @returns {Group}
 */
function largerGroup(one, other) {
  if (!one) return other;
  const posted = { ...other.posted };
  for (const [name, size] of Object.entries(one.posted)) posted[name] = Math.max(size, posted[name] ?? 0);
  return { ...other, size: Math.max(one.size, other.size), posted };
}

/**
 * Names are copied: a part of a long string would keep all of it.
 * @param {Map<string, number>} families @param {number} weight
 */
const familySizes = (families, weight) =>
  Object.fromEntries(
    [...families].map(([name, count]) => [Buffer.from(name).toString(), Math.ceil(count * weight)]),
  );

/** @param {Group | undefined} group @returns {number} */
const groupSize = (group) =>
  group ? Object.values(group.posted).reduce((sum, size) => sum + size, group.size + GROUP_SERIES) : 0;
