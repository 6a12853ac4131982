// Selects the groups that are deleted after a malicious user was removed.
import { Refusal } from '../../../programs/server.mjs';

/** @typedef {import('./groups.mjs').Group} Group */

/**
 * Returns groups without a push for `seconds` that have all given labels.
 * @param {readonly Group[]} groups @param {URLSearchParams} chosen
 * @returns {Group[]} @throws {Refusal}
 */
export function groupsToForget(groups, chosen) {
  const { seconds = '', ...labels } = Object.fromEntries(chosen);
  if (!/^[1-9]\d*$/.test(seconds)) {
    throw new Refusal(400, 'say how many seconds a group must not have been pushed: /forget?seconds=60');
  }
  const before = Date.now() / 1_000 - Number(seconds);
  /** @param {Group} group */
  const hasLabels = (group) => Object.entries(labels).every(([name, value]) => group.labels[name] === value);
  return groups.filter((group) => group.pushed < before && hasLabels(group));
}
