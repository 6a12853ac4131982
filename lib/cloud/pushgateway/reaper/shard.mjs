// Reads the groups of one Pushgateway from its filter.
import { groupPath } from '../../../programs/grouping-key.mjs';
import { StateLog } from '../../../programs/state-log.mjs';

const ANSWER_MS = 20_000;
/** A larger step between two readings means that the clock was set; a slow response causes a smaller one. */
const CLOCK_STEP_SECONDS = 30;

/** Seconds of a monotonic clock. */
const uptime = () => performance.now() / 1_000;

/**
 * @typedef {{ url: string, list: string }} Addresses of its pushes, and of the filter's list
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
  /** Offset of the shard's clock to this one at the last request. @type {number | undefined} */
  #offset;
  /** When the shard's clock was set, and since when pushes arrive, on this clock. @type {number | undefined} */
  #clockSet;
  /** @type {number | undefined} */
  #settling;

  /** @param {Addresses} addresses @param {Ages} ages */
  constructor({ url, list }, ages) {
    this.#url = url;
    this.#list = list;
    this.#ages = ages;
    this.#log = new StateLog((line) => console.log(line), url);
  }

  /** @returns {Promise<Group[]>} none where they cannot be read */
  async readGroups() {
    try {
      const answer = await fetch(this.#list, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return this.#judgeGroups(/** @type {List} */ (await answer.json()));
    } catch (error) {
      this.#log.report(`no answer, or half of one: ${error.cause?.message ?? error.message}`);
      this.#settling = undefined;
      return [];
    }
  }

  /** Ages are differences of times on the clock of the shard. @param {List} list @returns {Group[]} */
  #judgeGroups({ now, started, groups }) {
    this.#watchClock(now);
    const newest = Math.max(...groups.map(({ pushed }) => pushed));
    const limit = this.#isSettled(now - newest) ? this.#oldestPossibleAge(now - started) : 0;
    return groups.map(({ labels, pushed }) => {
      const age = now - pushed;
      return { shard: this, labels, age, judged: Math.min(age, limit) };
    });
  }

  /**
   * After the clock of the shard was set, no group counts as older than that, because its true age is unknown.
   * @param {number} now
   */
  #watchClock(now) {
    const offset = now - uptime();
    const step = offset - (this.#offset ?? offset);
    this.#offset = offset;
    if (Math.abs(step) <= CLOCK_STEP_SECONDS) return;
    this.#clockSet = uptime();
    this.#log.report(`its clock was set by ${Math.round(step)} s`);
  }

  /**
   * A group is as old as the process, whose store may be older, and no older than the clock that stamped it.
   * @param {number} running
   */
  #oldestPossibleAge(running) {
    return this.#clockSet === undefined ? running : Math.min(running, uptime() - this.#clockSet);
  }

  /**
   * Returns whether pushes have arrived for some time: after an outage of the cloud, all stored groups look old.
   * @param {number} lull seconds since the last push of all
   */
  #isSettled(lull) {
    const { mostAge, settling } = this.#ages;
    if (mostAge === Number.POSITIVE_INFINITY) return false;
    if (lull > mostAge / 2) {
      this.#log.report('nobody pushes: nothing is deleted for its age');
      this.#settling = undefined;
      return false;
    }
    this.#settling ??= uptime();
    const isSettled = uptime() - this.#settling >= settling;
    this.#log.report(
      isSettled
        ? `deleting groups that nobody pushes for ${mostAge} s`
        : `pushes arrive: nothing is deleted for its age for ${settling} s`,
    );
    return isSettled;
  }

  /** @param {Record<string, string>} labels @param {string} why */
  async delete(labels, why) {
    const shown = Object.entries(labels)
      .sort()
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const request = { method: 'DELETE', signal: AbortSignal.timeout(ANSWER_MS) };
    const path = groupPath(new Map(Object.entries(labels)));
    const answer = await fetch(`${this.#url}${path}`, request).catch(() => undefined);
    this.#log.log(`${answer?.ok ? 'deleted' : 'could not delete'} {${shown}}: ${why}`);
  }
}
