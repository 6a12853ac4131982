// Tracks the groups of a Pushgateway and their sizes, and enforces the limits.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Shares, tooManySeriesRefusal } from '../../../programs/shares.mjs';

/** Overhead of a group, expressed in series: Pushgateway gathers each group separately for a scrape. */
const GROUP_SERIES = 20;

/** Size of a series in bytes up to which it counts as one. A larger series counts as several. */
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
   * Number of pushes, by the path of their group, to which the Pushgateway has not responded yet. @type
   * {Map<string, number>}
   */
  #pending = new Map();
  /** Total number of series. */
  size = 0;

  /** Creates an empty list of groups. @param {Limits} limits */
  constructor(limits) {
    this.limits = limits;
    this.#shares = new Shares(limits);
  }

  /** Number of groups. */
  get groupCount() {
    return this.#groups.size;
  }

  /** Number of nodes that have groups, plus the number of jobs whose groups belong to no node. */
  get holderCount() {
    return this.#shares.holders;
  }

  /** Usage and limits of each group of nodes. */
  get shares() {
    return this.#shares.listUsage();
  }

  /**
   * Returns whether the node of a grouping key (for keys without a node, the job) has groups.
   * @param {Record<string, string>} labels
   * @returns {boolean}
   */
  hasNodeOrJob(labels) {
    return this.#shares.hasSeries(labels);
  }

  /** Returns all groups. @returns {Group[]} */
  listGroups() {
    return [...this.#groups.values()];
  }

  /**
   * Counts a push before it is sent to the Pushgateway. While the push is pending, another push of the same
   * group only counts if it is larger, because the Pushgateway may store the two in any order.
   * @param {string} path
   * @param {Map<string, string>} labels
   * @param {import('../../../programs/pushes.mjs').Push} push
   * @param {boolean} replaces whether the push replaces the whole group (PUT)
   * @returns {(outcome: Outcome) => void} function to be called once with the outcome of the push
   * @throws {Refusal} if the push exceeds a limit
   */
  admitPush(path, labels, push, replaces) {
    const before = this.#groups.get(path);
    const wanted = groupAfterPush(before, Object.fromEntries(labels), push, replaces);
    const after = this.#pending.has(path) ? mergeLargerSizes(before, wanted) : wanted;
    this.#requireGrowthWithinLimits(before, after);
    this.#recordGroup(path, before, after);
    this.#pending.set(path, (this.#pending.get(path) ?? 0) + 1);
    return (outcome) => {
      this.#endPendingPush(path);
      // Another push may have changed the size since.
      if (outcome === 'stored' || this.#groups.get(path) !== after) return;
      this.#recordGroup(path, after, outcome === 'refused' ? before : mergeLargerSizes(before, after));
    };
  }

  /** Ends a pending push of a group. @param {string} path */
  #endPendingPush(path) {
    const left = (this.#pending.get(path) ?? 0) - 1;
    if (left > 0) this.#pending.set(path, left);
    else this.#pending.delete(path);
  }

  /**
   * Removes a group. Call this method after the Pushgateway has deleted the group. A group with a pending
   * push stays, because the push re-creates it.
   * @param {string} path
   */
  removeGroup(path) {
    if (!this.#pending.has(path)) this.#recordGroup(path, this.#groups.get(path), undefined);
  }

  /**
   * Throws if a push exceeds a limit. A push that adds no series is never rejected, so that other clients
   * cannot cause gaps in existing series.
   * @param {Group | undefined} before
   * @param {Group} after
   */
  #requireGrowthWithinLimits(before, after) {
    const growth = groupSize(after) - groupSize(before);
    if (growth <= 0) return;
    const { seriesOfGroup } = this.limits;
    if (groupSize(after) - GROUP_SERIES > seriesOfGroup)
      throw tooManySeriesRefusal('the group', seriesOfGroup);
    this.#shares.requireRoomForSeries(after.labels, growth);
  }

  /**
   * Replaces a group, and updates the number of series of its node.
   * @param {string} path @param {Group | undefined} before @param {Group | undefined} after
   */
  #recordGroup(path, before, after) {
    const growth = groupSize(after) - groupSize(before);
    this.size += growth;
    this.#shares.changeSeriesCount((after ?? before)?.labels ?? {}, growth);
    if (after) this.#groups.set(path, after);
    else this.#groups.delete(path);
  }

  /** Loads the saved groups. @param {string} file @throws {Error} if the file cannot be read or parsed */
  loadState(file) {
    for (const [path, group] of JSON.parse(readFileSync(file, 'utf8')))
      this.#recordGroup(path, undefined, group);
  }

  /** Saves the groups to a file. @param {string} file */
  saveState(file) {
    writeFileSync(`${file}.new`, JSON.stringify([...this.#groups]));
    renameSync(`${file}.new`, file);
  }
}

/**
 * Returns a group as it is after a push. `replaces` is true for a PUT, which replaces all series of the group.
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
  // A POST may replace series of an earlier PUT. These series still count until the next PUT, so the count
  // may be too high.
  return { ...before, posted: { ...before.posted, ...familySizes(families, weight) }, pushed };
}

/**
 * Returns the group with the larger of both sizes, for each family.
 * @param {Group | undefined} one
 * @param {Group} other
 * @returns {Group}
 */
function mergeLargerSizes(one, other) {
  if (!one) return other;
  const posted = { ...other.posted };
  for (const [name, size] of Object.entries(one.posted)) posted[name] = Math.max(size, posted[name] ?? 0);
  return { ...other, size: Math.max(one.size, other.size), posted };
}

/**
 * Returns the size of each metric family, by name. Names are copied, because a substring would keep the whole
 * body in memory.
 * @param {Map<string, number>} families
 * @param {number} weight number of series that each sample counts as
 */
const familySizes = (families, weight) =>
  Object.fromEntries(
    [...families].map(([name, count]) => [Buffer.from(name).toString(), Math.ceil(count * weight)]),
  );

/**
 * Returns the size of a group, in series. A missing group has the size 0.
 * @param {Group | undefined} group @returns {number}
 */
const groupSize = (group) =>
  group ? Object.values(group.posted).reduce((sum, size) => sum + size, group.size + GROUP_SERIES) : 0;
