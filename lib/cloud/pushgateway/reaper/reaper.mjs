// Decides which metric groups to delete.
import { writeFileSync } from 'node:fs';
import { pathOfGroupingKey } from '../../../programs/grouping-key.mjs';
import { Shard } from './shard.mjs';

/** @typedef {import('./shard.mjs').Group} Group */

/**
 * A metric group can exist in several shards. A shard's copy is deleted if the last push to another shard is
 * more than this number of seconds newer.
 */
const COPY_SECONDS = 30;

/** Deletes stale metric groups from all shards of a Pushgateway. */
export class Reaper {
  #maxAge;
  #aliveFile;
  #shards;

  /** Creates the reaper from environment variables. @param {NodeJS.ProcessEnv} environment */
  constructor({ SHARDS = '[]', SETTLING_SECONDS = '', MAX_AGE_SECONDS, ALIVE_FILE }) {
    this.#maxAge = MAX_AGE_SECONDS ? Number(MAX_AGE_SECONDS) : Number.POSITIVE_INFINITY;
    this.#aliveFile = ALIVE_FILE;
    const ages = { mostAge: this.#maxAge, settling: Number(SETTLING_SECONDS) };
    /** @type {import('./shard.mjs').Addresses[]} */
    const shards = JSON.parse(SHARDS);
    this.#shards = shards.map((addresses) => new Shard(addresses, ages));
  }

  /** Checks all shards once, and deletes stale metric groups. Then updates the file that the probes test. */
  async deleteStaleGroups() {
    const groups = (await Promise.all(this.#shards.map((shard) => shard.fetchGroupsWithAges()))).flat();
    /**
     * Seconds since the last push of each metric group in any shard, by the path of the metric group.
     * @type {Map<string, number>}
     */
    const youngest = new Map();
    for (const group of groups) {
      youngest.set(
        canonicalPathOfGroup(group),
        Math.min(group.age, youngest.get(canonicalPathOfGroup(group)) ?? group.age),
      );
    }
    for (const group of groups) {
      const why = this.#groupDeletionReason(group, youngest.get(canonicalPathOfGroup(group)) ?? group.age);
      if (why) await group.shard.deleteGroup(group.labels, why);
    }
    if (this.#aliveFile) writeFileSync(this.#aliveFile, '');
  }

  /**
   * Returns the reason for deleting a metric group. Returns `undefined` if the group must not be deleted.
   * @param {Group} group
   * @param {number} youngest seconds since the last push of the group in any shard
   */
  #groupDeletionReason({ age, certainAge }, youngest) {
    if (age > youngest + COPY_SECONDS) return 'the node pushes to another shard';
    return certainAge > this.#maxAge ? `last push ${Math.round(age)} s ago` : undefined;
  }
}

/** Returns the canonical path of a group, which identifies the group in all shards. @param {Group} group */
const canonicalPathOfGroup = ({ labels }) => pathOfGroupingKey(new Map(Object.entries(labels)));
