// Selects the metric groups to delete for a request POST /forget, for example after a malicious user was removed.
import { Refusal } from '../../../programs/server.mjs';

/** @typedef {import('./groups.mjs').Group} Group */

/**
 * Returns the metric groups that have all labels in the query, and that were last pushed more than `seconds`
 * seconds ago.
 * @param {readonly Group[]} groups metric groups in the Pushgateway
 * @param {URLSearchParams} chosen query of a request POST /forget: `seconds`, and labels
 * @returns {Group[]}
 * @throws {Refusal} if `seconds` is missing, or is not a whole number of at least 1
 */
export function selectGroupsByLabelsAndAge(groups, chosen) {
  const { seconds = '', ...labels } = Object.fromEntries(chosen);
  if (!/^[1-9]\d*$/.test(seconds)) {
    throw new Refusal(
      400,
      'the query parameter "seconds" must be a whole number of at least 1, such as /forget?seconds=60: only metric groups with an older last push are deleted',
    );
  }
  const before = Date.now() / 1_000 - Number(seconds);
  /** Returns whether each label in the query has the same value in the group. @param {Group} group */
  const matchesLabelsOfUrlQuery = (group) =>
    Object.entries(labels).every(([name, value]) => group.labels[name] === value);
  return groups.filter((group) => group.pushed < before && matchesLabelsOfUrlQuery(group));
}
