// Deletes what nobody pushes any more from the Pushgateways of a fleet: groups that were silent for too long, and
// copies that a node left behind in another shard. It reads the lists of their filters, and so also while a
// Pushgateway itself cannot be read.
import { writeFileSync } from 'node:fs';
import { pathOf } from '../../../programs/grouping-key.mjs';

const {
  SHARDS = '[]',
  INTERVAL_SECONDS = '',
  SETTLING_SECONDS = '',
  MAX_AGE_SECONDS,
  ALIVE_FILE,
} = process.env;

const mostAge = MAX_AGE_SECONDS ? Number(MAX_AGE_SECONDS) : Number.POSITIVE_INFINITY;

const ANSWER_MS = 20_000;
/** So much longer has a copy not been pushed than the group itself. */
const COPY_SECONDS = 30;
/** More than a slow answer makes of two looks at one clock. */
const CLOCK_STEP_SECONDS = 30;

/** Seconds on a clock that no one sets. */
const uptime = () => performance.now() / 1_000;

const log = (text) => console.log(new Date().toISOString(), text);

/**
 * A group: how long ago it was pushed, and how old it is taken for.
 * @typedef {{ shard: Shard, labels: Record<string, string>, age: number, judged: number }} Group
 */

class Shard {
  #reported = '';
  /** Of its clock to this one's, when it was asked last. @type {number | undefined} */
  #offset;
  /** When its clock was set, and since when pushes arrive, on this one's clock. @type {number | undefined} */
  #clockSet;
  /** @type {number | undefined} */
  #settling;

  /** @param {{ url: string, list: string }} addresses of its pushes, and of the filter's list */
  constructor({ url, list }) {
    this.url = url;
    this.list = list;
  }

  /** @returns {Promise<Group[]>} none where they cannot be read */
  async look() {
    try {
      const answer = await fetch(this.list, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return this.#judged(await answer.json());
    } catch (error) {
      this.#report(`no answer, or half of one: ${error.cause?.message ?? error.message}`);
      this.#settling = undefined;
      return [];
    }
  }

  /** Ages are differences of one clock, the shard's. */
  #judged({ now, started, groups }) {
    this.#watchClock(now);
    const newest = Math.max(...groups.map(({ pushed }) => pushed));
    const limit = this.#isSettled(now - newest) ? this.#oldest(now - started) : 0;
    return groups.map(({ labels, pushed }) => {
      const age = now - pushed;
      return { shard: this, labels, age, judged: Math.min(age, limit) };
    });
  }

  /** When the shard's clock was set, nothing is older than that: nobody knows how old it is. */
  #watchClock(now) {
    const offset = now - uptime();
    const step = offset - (this.#offset ?? offset);
    this.#offset = offset;
    if (Math.abs(step) <= CLOCK_STEP_SECONDS) return;
    this.#clockSet = uptime();
    this.#report(`its clock was set by ${Math.round(step)} s`);
  }

  /** As old as the process, whose store may be one of long ago, and no older than the clock that stamped it. */
  #oldest(running) {
    return this.#clockSet === undefined ? running : Math.min(running, uptime() - this.#clockSet);
  }

  /** Whether pushes arrive, and did for some time: after an outage of the cloud, all that is stored looks old. */
  #isSettled(lull) {
    if (mostAge === Number.POSITIVE_INFINITY) return false;
    if (lull > mostAge / 2) {
      this.#report('nobody pushes: nothing is deleted for its age');
      this.#settling = undefined;
      return false;
    }
    this.#settling ??= uptime();
    const isSettled = uptime() - this.#settling >= Number(SETTLING_SECONDS);
    this.#report(
      isSettled
        ? `deleting groups that nobody pushes for ${mostAge} s`
        : `pushes arrive: nothing is deleted for its age for ${SETTLING_SECONDS} s`,
    );
    return isSettled;
  }

  /** @param {Record<string, string>} labels @param {string} why */
  async delete(labels, why) {
    const shown = Object.entries(labels)
      .sort()
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const request = { method: 'DELETE', signal: AbortSignal.timeout(ANSWER_MS) };
    const answer = await fetch(this.url + pathOf(new Map(Object.entries(labels))), request).catch(
      () => undefined,
    );
    log(`${this.url}: ${answer?.ok ? 'deleted' : 'could not delete'} {${shown}}: ${why}`);
  }

  /** Logs a state when it changes, and only then. */
  #report(state) {
    if (state === this.#reported) return;
    this.#reported = state;
    log(`${this.url}: ${state}`);
  }
}

const keyOf = ({ labels }) => pathOf(new Map(Object.entries(labels)));

/** Why a group is to go; undefined for those that stay. */
function reason({ age, judged }, youngest) {
  if (age > youngest + COPY_SECONDS) return 'its node pushes to another shard';
  return judged > mostAge ? `last push ${Math.round(age)} s ago` : undefined;
}

async function reap(shards) {
  const groups = (await Promise.all(shards.map((shard) => shard.look()))).flat();
  const youngest = new Map();
  for (const group of groups) {
    youngest.set(keyOf(group), Math.min(group.age, youngest.get(keyOf(group)) ?? group.age));
  }
  for (const group of groups) {
    const why = reason(group, youngest.get(keyOf(group)));
    if (why) await group.shard.delete(group.labels, why);
  }
  if (ALIVE_FILE) writeFileSync(ALIVE_FILE, '');
}

process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
const shards = JSON.parse(SHARDS).map((addresses) => new Shard(addresses));
for (;;) {
  await reap(shards);
  await new Promise((resolve) => setTimeout(resolve, Number(INTERVAL_SECONDS) * 1_000));
}
