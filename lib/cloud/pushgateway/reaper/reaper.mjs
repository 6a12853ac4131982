// Decides which groups to delete.
import { writeFileSync } from 'node:fs';
import { groupPath } from '../../../programs/grouping-key.mjs';
import { Shard } from './shard.mjs';

/** @typedef {import('./shard.mjs').Group} Group */

/**
 * A copy of a group is deleted if its last push is this number of seconds older than the last push in another
 * shard.
 */
const COPY_SECONDS = 30;

export class Reaper {
  #mostAge;
  #aliveFile;
  #shards;

  /** Creates the reaper from environment variables. @param {NodeJS.ProcessEnv} environment */
  constructor({ SHARDS = '[]', SETTLING_SECONDS = '', MAX_AGE_SECONDS, ALIVE_FILE }) {
    this.#mostAge = MAX_AGE_SECONDS ? Number(MAX_AGE_SECONDS) : Number.POSITIVE_INFINITY;
    this.#aliveFile = ALIVE_FILE;
    const ages = { mostAge: this.#mostAge, settling: Number(SETTLING_SECONDS) };
    /** @type {import('./shard.mjs').Addresses[]} */
    const shards = JSON.parse(SHARDS);
    this.#shards = shards.map((addresses) => new Shard(addresses, ages));
  }

  /** Checks all shards once, and deletes stale groups. */
  async deleteStaleGroups() {
    const groups = (await Promise.all(this.#shards.map((shard) => shard.readGroups()))).flat();
    /** @type {Map<string, number>} */
    const youngest = new Map();
    for (const group of groups) {
      youngest.set(groupKey(group), Math.min(group.age, youngest.get(groupKey(group)) ?? group.age));
    }
    for (const group of groups) {
      const why = this.#deletionReason(group, youngest.get(groupKey(group)) ?? group.age);
      if (why) await group.shard.deleteGroup(group.labels, why);
    }
    if (this.#aliveFile) writeFileSync(this.#aliveFile, '');
  }

  /**
   * Returns the reason for deleting a group, or undefined if the group stays.
   * @param {Group} group
   * @param {number} youngest age of the youngest copy of the group, in seconds
   */
  #deletionReason({ age, judged }, youngest) {
    if (age > youngest + COPY_SECONDS) return 'its node pushes to another shard';
    return judged > this.#mostAge ? `last push ${Math.round(age)} s ago` : undefined;
  }
}

/** Returns the path of a group as its key. @param {Group} group */
const groupKey = ({ labels }) => groupPath(new Map(Object.entries(labels)));
