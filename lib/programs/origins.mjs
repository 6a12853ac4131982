// Determines the labels with which counters show the origin of a refused push.

/** Maximum number of node and job names that counters contain for each node group, because a user can push any number of names. */
const MOST_NAMES = 1_000;

/** @typedef {{ group: string, node: string, job: string }} Origin */

/** Returns the origin in the labels of a grouping key. @param {Map<string, string> | undefined} labels @returns {Origin} */
export const originFromLabels = (labels) => ({
  group: labels?.get('group') ?? '',
  node: labels?.get('hostname') ?? '',
  job: labels?.get('job') ?? '',
});

export class Origins {
  /** Names of nodes and jobs in counters, by node group. @type {Map<string, Set<string>>} */
  #named = new Map();

  /**
   * Creates the list of names in counters, without any names.
   * @param {(labels: Record<string, string>) => boolean} isKnown returns whether the node in these labels has pushed groups
   * @param {readonly string[]} groups node groups; an unknown group counts as no group
   */
  constructor(isKnown, groups) {
    this.isKnown = isKnown;
    for (const group of ['', ...groups]) this.#named.set(group, new Set());
  }

  /** Clears the names. */
  forgetNames() {
    for (const named of this.#named.values()) named.clear();
  }

  /** Returns the origin of a refused push, without names if its node group has too many. @param {Map<string, string> | undefined} labels @returns {Origin} */
  originOfRefusedPush(labels) {
    const origin = originFromLabels(labels);
    const { group, node, job } = origin;
    const named = /** @type {Set<string>} */ (this.#named.get(group) ?? this.#named.get(''));
    const name = JSON.stringify([node, job]);
    if (named.size < MOST_NAMES) named.add(name);
    if (named.has(name)) return origin;
    const isKnown = node !== '' && this.isKnown({ hostname: node, group });
    return { group: this.#named.has(group) ? group : '', node: isKnown ? node : '', job: '' };
  }
}
