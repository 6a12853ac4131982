// Names the origin of a push in counters.

/** Maximum number of nodes and jobs per node group that are named, because a user can push any number of made-up names. */
const MOST_NAMED = 1_000;

/** @typedef {{ group: string, node: string, job: string }} Origin */

/** @param {Map<string, string> | undefined} labels of a grouping key @returns {Origin} */
export const originFromLabels = (labels) => ({
  group: labels?.get('group') ?? '',
  node: labels?.get('hostname') ?? '',
  job: labels?.get('job') ?? '',
});

export class Origins {
  /** Named nodes and jobs, by node group. @type {Map<string, Set<string>>} */
  #named = new Map();

  /**
   * @param {(labels: Record<string, string>) => boolean} isKnown whether the node of labels has groups
   * @param {readonly string[]} groups of nodes; what is of another one counts as of none
   */
  constructor(isKnown, groups) {
    this.isKnown = isKnown;
    for (const group of ['', ...groups]) this.#named.set(group, new Set());
  }

  /** Clears the names. */
  forget() {
    for (const named of this.#named.values()) named.clear();
  }

  /** @param {Map<string, string> | undefined} labels @returns {Origin} without names where a group of nodes has too many */
  refusedOrigin(labels) {
    const origin = originFromLabels(labels);
    const { group, node, job } = origin;
    const named = /** @type {Set<string>} */ (this.#named.get(group) ?? this.#named.get(''));
    const name = JSON.stringify([node, job]);
    if (named.size < MOST_NAMED) named.add(name);
    if (named.has(name)) return origin;
    const isKnown = node !== '' && this.isKnown({ hostname: node, group });
    return { group: this.#named.has(group) ? group : '', node: isKnown ? node : '', job: '' };
  }
}
