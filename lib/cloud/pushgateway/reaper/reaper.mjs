// Decides which groups are deleted.
import { writeFileSync } from 'node:fs';
import { groupPath } from '../../../programs/grouping-key.mjs';
import { Shard } from './shard.mjs';

/** @typedef {import('./shard.mjs').Group} Group */

/** A copy is deleted if its last push is older than that of the group by this time. */
const COPY_SECONDS = 30;

export class Reaper {
  #mostAge;
  #aliveFile;
  #shards;

  /** @param {NodeJS.ProcessEnv} environment */
  constructor({ SHARDS = '[]', SETTLING_SECONDS = '', MAX_AGE_SECONDS, ALIVE_FILE }) {
    this.#mostAge = MAX_AGE_SECONDS ? Number(MAX_AGE_SECONDS) : Number.POSITIVE_INFINITY;
    this.#aliveFile = ALIVE_FILE;
    const ages = { mostAge: this.#mostAge, settling: Number(SETTLING_SECONDS) };
    /** @type {import('./shard.mjs').Addresses[]} */
    const shards = JSON.parse(SHARDS);
    this.#shards = shards.map((addresses) => new Shard(addresses, ages));
  }

  /** Checks all shards once. */
  async reap() {
    const groups = (await Promise.all(this.#shards.map((shard) => shard.readGroups()))).flat();
    /** @type {Map<string, number>} */
    const youngest = new Map();
    for (const group of groups) {
      youngest.set(groupKey(group), Math.min(group.age, youngest.get(groupKey(group)) ?? group.age));
    }
    for (const group of groups) {
      const why = this.#reason(group, youngest.get(groupKey(group)) ?? group.age);
      if (why) await group.shard.delete(group.labels, why);
    }
    if (this.#aliveFile) writeFileSync(this.#aliveFile, '');
  }

  /**
   * Returns the reason for deleting a group, or undefined if it stays.
   * @param {Group} group @param {number} youngest age of its copies
   */
  #reason({ age, judged }, youngest) {
    if (age > youngest + COPY_SECONDS) return 'its node pushes to another shard';
    return judged > this.#mostAge ? `last push ${Math.round(age)} s ago` : undefined;
  }
}

/** @param {Group} group */
const groupKey = ({ labels }) => groupPath(new Map(Object.entries(labels)));
