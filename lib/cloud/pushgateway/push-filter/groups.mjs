// Tracks the metric groups of a Pushgateway and their sizes, and enforces the limits.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Shares, tooManySeriesRefusal } from '../../../programs/shares.mjs';

/**
 * A metric group counts as its number of series plus this number, because Pushgateway gathers each metric group
 * separately, which makes a scrape slower.
 */
const EXTRA_SERIES_PER_GROUP = 20;

/** Maximum size in bytes of a series that counts as one series. A larger series counts as several series. */
const BYTES_OF_A_SERIES = 256;

/**
 * @typedef {object} Limits
 * @property {number} seriesOfGroup maximum number of series in a metric group
 * @property {Readonly<Record<string, import('../../../programs/known-series.mjs').Limits>>} pools limits of each node group, by its name; the key "" is for all other nodes
 * @property {import('../../../programs/total.mjs').TotalLimits} [total] common limits of all node groups
 */

/**
 * A metric group: the series of one grouping key.
 * @typedef {object} Group
 * @property {Record<string, string>} labels labels of the grouping key
 * @property {number} size number of series in the last PUT request
 * @property {Record<string, number>} posted number of series of each metric family in POST requests after the last PUT request, by the name of the family
 * @property {number} pushed time of the last push, in seconds since 1970
 */

/**
 * Whether the Pushgateway stored a push: `unknown` if the Pushgateway did not respond.
 * @typedef {'stored' | 'refused' | 'unknown'} Outcome
 */

/** The metric groups (grouping keys) in a Pushgateway, with their sizes. */
export class Groups {
  /** Metric groups by the canonical path of their grouping key. @type {Map<string, Group>} */
  #groups = new Map();
  #shares;
  /**
   * Number of pushes to which the Pushgateway has not responded yet, by the path of their metric group.
   * @type {Map<string, number>}
   */
  #pending = new Map();
  /** Number of series of all metric groups, plus `EXTRA_SERIES_PER_GROUP` for each metric group. */
  seriesCount = 0;

  /** Creates an empty list of metric groups. @param {Limits} limits */
  constructor(limits) {
    this.limits = limits;
    this.#shares = new Shares(limits);
  }

  /** Number of metric groups in the Pushgateway. */
  get groupCount() {
    return this.#groups.size;
  }

  /** Number of nodes with metric groups. Each job whose metric groups have no label `hostname` counts as a node. */
  get nodeAndJobCount() {
    return this.#shares.nodeAndJobCount;
  }

  /** Numbers of nodes and of shared series in each node group, and their limits: see `Shares.usageByNodeGroup()`. */
  get shares() {
    return this.#shares.usageByNodeGroup();
  }

  /**
   * Returns whether the node in a grouping key has metric groups. For a grouping key without `hostname`, returns
   * whether the job has metric groups.
   * @param {Record<string, string>} labels labels of the grouping key
   * @returns {boolean}
   */
  hasNodeOrJob(labels) {
    return this.#shares.hasSeriesOfNodeOrJob(labels);
  }

  /** Returns all metric groups in the Pushgateway. @returns {Group[]} */
  listGroups() {
    return [...this.#groups.values()];
  }

  /**
   * Counts the series of a push before the push is sent to the Pushgateway. Call the returned function once
   * with the outcome of the push. While a push is pending, another push of the same metric group can only increase
   * the counts, because the Pushgateway may store the two pushes in any order.
   * @param {string} path canonical path of the group
   * @param {Map<string, string>} labels labels of the grouping key
   * @param {import('../../../programs/pushes.mjs').Push} push
   * @param {boolean} replaces true for PUT, which replaces the whole group; false for POST
   * @returns {(outcome: Outcome) => void} ends the push: `refused` restores the counts, `unknown` keeps the
   * larger counts
   * @throws {Refusal} if the push exceeds a limit
   */
  reserveSeriesForPush(path, labels, push, replaces) {
    const before = this.#groups.get(path);
    const wanted = computeGroupAfterPush(before, Object.fromEntries(labels), push, replaces);
    const after = this.#pending.has(path) ? mergeGroupStatesByLargerSizes(before, wanted) : wanted;
    this.#requireSeriesGrowthWithinLimits(before, after);
    this.#replaceGroupAndCountSeries(path, before, after);
    this.#pending.set(path, (this.#pending.get(path) ?? 0) + 1);
    return (outcome) => {
      this.#decrementPendingPushes(path);
      // If a later push has changed the group in the meantime, the size of the group is not changed here.
      if (outcome === 'stored' || this.#groups.get(path) !== after) return;
      this.#replaceGroupAndCountSeries(
        path,
        after,
        outcome === 'refused' ? before : mergeGroupStatesByLargerSizes(before, after),
      );
    };
  }

  /** Decrements the number of pending pushes of a metric group. @param {string} path */
  #decrementPendingPushes(path) {
    const left = (this.#pending.get(path) ?? 0) - 1;
    if (left > 0) this.#pending.set(path, left);
    else this.#pending.delete(path);
  }

  /**
   * Removes a metric group that the Pushgateway has deleted. Keeps a metric group with a pending push, because this
   * push creates the metric group again.
   * @param {string} path canonical path of the group
   */
  removeGroup(path) {
    if (!this.#pending.has(path)) this.#replaceGroupAndCountSeries(path, this.#groups.get(path), undefined);
  }

  /**
   * Throws a refusal if a push exceeds a limit. A push that adds no series is always accepted, so that other
   * clients cannot cause gaps in existing series.
   * @param {Group | undefined} before the group before the push
   * @param {Group} after the group after the push
   */
  #requireSeriesGrowthWithinLimits(before, after) {
    const growth = groupSizeInSeries(after) - groupSizeInSeries(before);
    if (growth <= 0) return;
    const { seriesOfGroup } = this.limits;
    if (groupSizeInSeries(after) - EXTRA_SERIES_PER_GROUP > seriesOfGroup)
      throw tooManySeriesRefusal('the group', seriesOfGroup);
    this.#shares.assertCanAddSeries(after.labels, growth);
  }

  /**
   * Records a metric group, or removes the metric group if `after` is undefined. Updates the number of series of its
   * node.
   * @param {string} path canonical path of the group
   * @param {Group | undefined} before the recorded group
   * @param {Group | undefined} after the group to record
   */
  #replaceGroupAndCountSeries(path, before, after) {
    const growth = groupSizeInSeries(after) - groupSizeInSeries(before);
    this.seriesCount += growth;
    this.#shares.changeSeriesCountBy((after ?? before)?.labels ?? {}, growth);
    if (after) this.#groups.set(path, after);
    else this.#groups.delete(path);
  }

  /**
   * Loads the metric groups that `saveState` wrote.
   * @param {string} file path of the file
   * @throws {Error} if the file cannot be read or parsed
   */
  loadState(file) {
    for (const [path, group] of JSON.parse(readFileSync(file, 'utf8')))
      this.#replaceGroupAndCountSeries(path, undefined, group);
  }

  /** Writes the metric groups to a file. @param {string} file path @throws {Error} if the file cannot be written */
  saveState(file) {
    writeFileSync(`${file}.new`, JSON.stringify([...this.#groups]));
    renameSync(`${file}.new`, file);
  }
}

/**
 * Returns a metric group as it is after a push.
 * @param {Group | undefined} before the group before the push
 * @param {Record<string, string>} labels labels of the grouping key
 * @param {import('../../../programs/pushes.mjs').Push} push
 * @param {boolean} replaces true for PUT, which replaces all series of the group; false for POST
 * @returns {Group}
 */
function computeGroupAfterPush(before, labels, { text, families }, replaces) {
  let samples = 0;
  for (const count of families.values()) samples += count;
  const weight = Math.max(1, text.length / BYTES_OF_A_SERIES / (samples || 1));
  const pushed = Date.now() / 1_000;
  if (replaces || !before) {
    const posted = replaces ? {} : seriesPerMetricFamily(families, weight);
    return { labels, size: replaces ? Math.ceil(samples * weight) : 0, posted, pushed };
  }
  // A POST request may replace series of the last PUT request. The replaced series still count until the next
  // PUT request, so the size may be too high.
  return { ...before, posted: { ...before.posted, ...seriesPerMetricFamily(families, weight) }, pushed };
}

/**
 * Returns a copy of `other` with the larger sizes of both groups: the larger `size` and, for each metric family in
 * `posted`, the larger number of series. Returns `other` itself if `one` is undefined.
 * @param {Group | undefined} one
 * @param {Group} other
 * @returns {Group}
 */
function mergeGroupStatesByLargerSizes(one, other) {
  if (!one) return other;
  const posted = { ...other.posted };
  for (const [name, size] of Object.entries(one.posted)) posted[name] = Math.max(size, posted[name] ?? 0);
  return { ...other, size: Math.max(one.size, other.size), posted };
}

/**
 * Returns the size of each metric family in series, by the name of the family. Names are copied, because a
 * substring would keep the whole request body in memory.
 * @param {Map<string, number>} families number of samples by name of the family
 * @param {number} weight number of series that each sample counts as
 */
const seriesPerMetricFamily = (families, weight) =>
  Object.fromEntries(
    [...families].map(([name, count]) => [Buffer.from(name).toString(), Math.ceil(count * weight)]),
  );

/**
 * Returns the size of a metric group: its number of series, plus `EXTRA_SERIES_PER_GROUP`. Returns 0 for
 * `undefined`.
 * @param {Group | undefined} group
 * @returns {number}
 */
const groupSizeInSeries = (group) =>
  group
    ? Object.values(group.posted).reduce((sum, size) => sum + size, group.size + EXTRA_SERIES_PER_GROUP)
    : 0;
