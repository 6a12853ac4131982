// Selects the groups to delete on a /forget request, for example after a malicious user was removed.
import { Refusal } from '../../../programs/server.mjs';

/** @typedef {import('./groups.mjs').Group} Group */

/**
 * Returns the groups that have all given labels and were not pushed for `seconds`.
 * @param {readonly Group[]} groups
 * @param {URLSearchParams} chosen query of the request: `seconds`, and labels
 * @returns {Group[]}
 * @throws {Refusal} if `seconds` is missing or invalid
 */
export function selectAbandonedGroups(groups, chosen) {
  const { seconds = '', ...labels } = Object.fromEntries(chosen);
  if (!/^[1-9]\d*$/.test(seconds)) {
    throw new Refusal(
      400,
      'the parameter "seconds" must be a whole number of at least 1: the time since the last push, such as /forget?seconds=60',
    );
  }
  const before = Date.now() / 1_000 - Number(seconds);
  /** Returns whether a group has all labels of the request. @param {Group} group */
  const hasLabels = (group) => Object.entries(labels).every(([name, value]) => group.labels[name] === value);
  return groups.filter((group) => group.pushed < before && hasLabels(group));
}
