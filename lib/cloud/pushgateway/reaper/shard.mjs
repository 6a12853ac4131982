// One shard of a Pushgateway: reads its groups from the push filter, estimates their ages, and deletes
// groups.
import { groupPath } from '../../../programs/grouping-key.mjs';
import { StateLog } from '../../../programs/state-log.mjs';

const ANSWER_MS = 20_000;
/**
 * Step of the shard's clock between two requests from which on the clock was adjusted. A slow response causes
 * a smaller step.
 */
const CLOCK_STEP_SECONDS = 30;

/** Returns the seconds of a monotonic clock. */
const monotonicSeconds = () => performance.now() / 1_000;

/**
 * @typedef {{ url: string, list: string }} Addresses URL for pushes, and URL of the push filter's list of groups
 * @typedef {{ mostAge: number, settling: number }} Ages in seconds: of groups, and of pushes before a group is deleted for its age
 * @typedef {{ now: number, started: number, groups: { labels: Record<string, string>, pushed: number }[] }} List of the filter
 */

/**
 * A group: the time since its last push, and the age that is assumed for it.
 * @typedef {{ shard: Shard, labels: Record<string, string>, age: number, judged: number }} Group
 */

export class Shard {
  #url;
  #list;
  #ages;
  #log;
  /**
   * Offset between the shard's clock and the monotonic clock at the last request, in seconds. @type {number |
   * undefined}
   */
  #offset;
  /** When the shard's clock was set, and since when pushes arrive, on this clock. @type {number | undefined} */
  #clockSet;
  /** @type {number | undefined} */
  #settling;

  /** Creates the client for a shard of the Pushgateway. @param {Addresses} addresses @param {Ages} ages */
  constructor({ url, list }, ages) {
    this.#url = url;
    this.#list = list;
    this.#ages = ages;
    this.#log = new StateLog((line) => console.log(line), url);
  }

  /** Reads the groups. @returns {Promise<Group[]>} an empty list if reading fails */
  async readGroups() {
    try {
      const answer = await fetch(this.#list, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return this.#assessGroups(/** @type {List} */ (await answer.json()));
    } catch (error) {
      this.#log.logState(`cannot read the list of groups: ${error.cause?.message ?? error.message}`);
      this.#settling = undefined;
      return [];
    }
  }

  /**
   * Computes the ages of groups, as differences of timestamps on the shard's clock.
   * @param {List} list
   * @returns {Group[]}
   */
  #assessGroups({ now, started, groups }) {
    this.#detectClockStep(now);
    const newest = Math.max(...groups.map(({ pushed }) => pushed));
    const limit = this.#isSettled(now - newest) ? this.#maxKnownAge(now - started) : 0;
    return groups.map(({ labels, pushed }) => {
      const age = now - pushed;
      return { shard: this, labels, age, judged: Math.min(age, limit) };
    });
  }

  /**
   * Detects when the shard's clock was adjusted. Ages before the adjustment are unknown.
   * @param {number} now time on the shard's clock
   */
  #detectClockStep(now) {
    const offset = now - monotonicSeconds();
    const step = offset - (this.#offset ?? offset);
    this.#offset = offset;
    if (Math.abs(step) <= CLOCK_STEP_SECONDS) return;
    this.#clockSet = monotonicSeconds();
    this.#log.logState(`the clock was adjusted by ${Math.round(step)} s`);
  }

  /**
   * Returns the maximum age that is certain: the time since the push filter started, and since its clock was
   * adjusted.
   * @param {number} running seconds since the push filter started
   */
  #maxKnownAge(running) {
    return this.#clockSet === undefined ? running : Math.min(running, monotonicSeconds() - this.#clockSet);
  }

  /**
   * Returns whether pushes have arrived for the settling time, so that old groups may be deleted. After an
   * outage of the cloud, all groups look old at first.
   * @param {number} lull seconds since the last push of any group
   */
  #isSettled(lull) {
    const { mostAge, settling } = this.#ages;
    if (mostAge === Number.POSITIVE_INFINITY) return false;
    if (lull > mostAge / 2) {
      this.#log.logState('no pushes arrive: no group is deleted because of its age');
      this.#settling = undefined;
      return false;
    }
    this.#settling ??= monotonicSeconds();
    const isSettled = monotonicSeconds() - this.#settling >= settling;
    this.#log.logState(
      isSettled
        ? `groups without a push for ${mostAge} s are deleted`
        : `pushes arrive again: no group is deleted because of its age for ${settling} s`,
    );
    return isSettled;
  }

  /**
   * Deletes a group from the Pushgateway.
   * @param {Record<string, string>} labels
   * @param {string} why reason for the log
   */
  async deleteGroup(labels, why) {
    const shown = Object.entries(labels)
      .sort()
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const request = { method: 'DELETE', signal: AbortSignal.timeout(ANSWER_MS) };
    const path = groupPath(new Map(Object.entries(labels)));
    const answer = await fetch(`${this.#url}${path}`, request).catch(() => undefined);
    this.#log.logEvent(`${answer?.ok ? 'deleted' : 'could not delete'} {${shown}}: ${why}`);
  }
}
