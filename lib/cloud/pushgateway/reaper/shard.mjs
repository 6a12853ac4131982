// One shard of a Pushgateway: reads its metric groups from the push filter, estimates their ages, and deletes them.
import { pathOfGroupingKey } from '../../../programs/grouping-key.mjs';
import { StateLog } from '../../../programs/state-log.mjs';

/** Timeout of a request in milliseconds. */
const ANSWER_MS = 20_000;
/**
 * The reaper compares the shard's clock with the monotonic clock of this process. If the difference changes by more
 * than this number of seconds between two requests, the shard's clock was adjusted. A slow response causes a smaller
 * change.
 */
const CLOCK_STEP_SECONDS = 30;

/** Returns the time of the monotonic clock of this process, in seconds. */
const monotonicSeconds = () => performance.now() / 1_000;

/**
 * @typedef {{ url: string, list: string }} Addresses `url`: URL of the shard; `list`: URL of the push filter's list of metric groups
 * @typedef {{ mostAge: number, settling: number }} Ages `mostAge`: age in seconds above which a metric group is deleted; `settling`: waiting time in seconds after an outage
 * @typedef {{ now: number, started: number, groups: { labels: Record<string, string>, pushed: number }[] }} List the push filter's list of metric groups: times on the shard's clock, in seconds since 1970
 */

/**
 * A metric group in a shard. `age`: seconds since its last push, by the shard's clock. `certainAge`: the part of `age`
 * after the last restart of the push filter and the last clock adjustment; 0 while old groups must not be deleted.
 * @typedef {{ shard: Shard, labels: Record<string, string>, age: number, certainAge: number }} Group
 */

/** Client of one shard of a Pushgateway. */
export class Shard {
  #url;
  #list;
  #ages;
  #log;
  /**
   * Difference between the shard's clock and the monotonic clock at the last request, in seconds.
   * @type {number | undefined}
   */
  #clockOffset;
  /**
   * Time at which the shard's clock was last adjusted, in seconds on the monotonic clock.
   * @type {number | undefined}
   */
  #clockAdjustedAt;
  /**
   * Time at which the reaper noticed that the last outage was over, in seconds on the monotonic clock.
   * `undefined` during an outage, and before the first check.
   * @type {number | undefined}
   */
  #settlingSince;

  /**
   * Creates the client of one shard.
   * @param {Addresses} addresses URL of the shard, and URL of its list of groups
   * @param {Ages} ages maximum age of groups, and waiting time after an outage
   */
  constructor({ url, list }, ages) {
    this.#url = url;
    this.#list = list;
    this.#ages = ages;
    this.#log = new StateLog((line) => console.log(line), url);
  }

  /**
   * Fetches the metric groups of the shard. Returns an empty list, and logs the problem, if the request fails.
   * @returns {Promise<Group[]>}
   */
  async fetchGroupsWithAges() {
    try {
      const answer = await fetch(this.#list, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return this.#computeGroupAges(/** @type {List} */ (await answer.json()));
    } catch (error) {
      this.#log.logStateChange(
        `cannot read the list of metric groups: ${error.cause?.message ?? error.message}`,
      );
      this.#settlingSince = undefined;
      return [];
    }
  }

  /** Computes the ages of groups. @param {List} list @returns {Group[]} */
  #computeGroupAges({ now, started, groups }) {
    this.#recordClockAdjustment(now);
    const newest = Math.max(...groups.map(({ pushed }) => pushed));
    const limit = this.#checkWhetherOldGroupsMayBeDeleted(now - newest)
      ? this.#secondsSinceStartOrClockAdjustment(now - started)
      : 0;
    return groups.map(({ labels, pushed }) => {
      const age = now - pushed;
      return { shard: this, labels, age, certainAge: Math.min(age, limit) };
    });
  }

  /**
   * Records when the shard's clock was adjusted. Ages before an adjustment are unknown.
   * @param {number} now time on the shard's clock, in seconds since 1970
   */
  #recordClockAdjustment(now) {
    const offset = now - monotonicSeconds();
    const step = offset - (this.#clockOffset ?? offset);
    this.#clockOffset = offset;
    if (Math.abs(step) <= CLOCK_STEP_SECONDS) return;
    this.#clockAdjustedAt = monotonicSeconds();
    this.#log.logStateChange(`the clock was adjusted by ${Math.round(step)} s`);
  }

  /**
   * Returns the seconds since the push filter started, or since its clock was adjusted, whichever is shorter. A longer
   * age of a metric group is not certain.
   * @param {number} running seconds since the push filter started
   */
  #secondsSinceStartOrClockAdjustment(running) {
    return this.#clockAdjustedAt === undefined
      ? running
      : Math.min(running, monotonicSeconds() - this.#clockAdjustedAt);
  }

  /**
   * Returns whether metric groups may be deleted because of their age: only after pushes have arrived for `settling`
   * seconds. After an outage of the cloud, all metric groups look stale at first.
   * @param {number} lull seconds since the last push of any metric group
   */
  #checkWhetherOldGroupsMayBeDeleted(lull) {
    const { mostAge, settling } = this.#ages;
    if (mostAge === Number.POSITIVE_INFINITY) return false;
    if (lull > mostAge / 2) {
      this.#log.logStateChange('no pushes arrive: old metric groups are not deleted');
      this.#settlingSince = undefined;
      return false;
    }
    this.#settlingSince ??= monotonicSeconds();
    const isSettled = monotonicSeconds() - this.#settlingSince >= settling;
    this.#log.logStateChange(
      isSettled
        ? `pushes arrive: from now on, metric groups without a push for ${mostAge} s are deleted`
        : `pushes arrive: old metric groups are not deleted until pushes have arrived for ${settling} s`,
    );
    return isSettled;
  }

  /**
   * Deletes a metric group from the Pushgateway, and logs the result.
   * @param {Record<string, string>} labels labels of the grouping key
   * @param {string} why reason, for the log
   */
  async deleteGroup(labels, why) {
    const shown = Object.entries(labels)
      .sort()
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const request = { method: 'DELETE', signal: AbortSignal.timeout(ANSWER_MS) };
    const path = pathOfGroupingKey(new Map(Object.entries(labels)));
    const answer = await fetch(`${this.#url}${path}`, request).catch(() => undefined);
    this.#log.logEvent(`${answer?.ok ? 'deleted' : 'could not delete'} {${shown}}: ${why}`);
  }
}
