// Determines the labels with which counters show which node group, node and job sent a refused push.

/**
 * Maximum number of pairs of a node and a job in the labels of counters, for each node group. Without this limit, a
 * user could fill the memory by pushing many names.
 */
const MOST_NAMES = 1_000;

/** @typedef {{ group: string, node: string, job: string }} Origin the labels of a counter; unknown values are empty */

/**
 * Returns the group, node (`hostname`) and job in a grouping key.
 * @param {Map<string, string> | undefined} labels of the grouping key
 * @returns {Origin}
 */
export const originFromGroupingKey = (labels) => ({
  group: labels?.get('group') ?? '',
  node: labels?.get('hostname') ?? '',
  job: labels?.get('job') ?? '',
});

/** The names of nodes and jobs in the labels of the counters of refused pushes. */
export class Origins {
  /** Pairs of a node and a job in the labels of counters, by node group. @type {Map<string, Set<string>>} */
  #named = new Map();

  /**
   * Creates an empty list of names.
   * @param {(labels: Record<string, string>) => boolean} isKnown function that returns whether the Pushgateway contains
   * metrics of the node in a grouping key
   * @param {readonly string[]} groups names of the node groups; pushes with any other group, and pushes
   * without a group, have one common limit of names
   */
  constructor(isKnown, groups) {
    this.isKnown = isKnown;
    for (const group of ['', ...groups]) this.#named.set(group, new Set());
  }

  /** Removes all names of nodes and jobs. */
  forgetNodesAndJobs() {
    for (const named of this.#named.values()) named.clear();
  }

  /**
   * Returns the origin of a refused push, and remembers its node and job. If the node group already has the maximum
   * number of names, a new node or job is not remembered, and these labels of the origin are empty:
   * - the job, always
   * - the node, if the Pushgateway contains no metrics of the node
   * - the group, if the group is unknown
   * @param {Map<string, string> | undefined} labels of the grouping key
   * @returns {Origin}
   */
  recordOriginOfRefusedPush(labels) {
    const origin = originFromGroupingKey(labels);
    const { group, node, job } = origin;
    const named = /** @type {Set<string>} */ (this.#named.get(group) ?? this.#named.get(''));
    const name = JSON.stringify([node, job]);
    if (named.size < MOST_NAMES) named.add(name);
    if (named.has(name)) return origin;
    const isKnown = node !== '' && this.isKnown({ hostname: node, group });
    return { group: this.#named.has(group) ? group : '', node: isKnown ? node : '', job: '' };
  }
}
