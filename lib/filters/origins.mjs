// From whom a push came, as counters name it.

/** Nodes without groups that are named: somebody may invent any number of them. */
const MOST_STRANGERS = 1_000;

/** @typedef {{ group: string, node: string, job: string }} Origin */

/** @param {Map<string, string> | undefined} labels of a grouping key @returns {Origin} */
export const originOf = (labels) => ({
  group: labels?.get('group') ?? '',
  node: labels?.get('hostname') ?? '',
  job: labels?.get('job') ?? '',
});

export class Origins {
  #strangers = new Set();

  /** @param {(labels: Record<string, string>) => boolean} isKnown whether the node of labels has groups */
  constructor(isKnown) {
    this.isKnown = isKnown;
  }

  /** @param {Map<string, string> | undefined} labels @returns {Origin} without names where these are too many */
  ofRefused(labels) {
    const origin = originOf(labels);
    const { node, group } = origin;
    if (!node || this.isKnown({ hostname: node, group }) || this.#strangers.has(node)) return origin;
    if (this.#strangers.size >= MOST_STRANGERS) return originOf(undefined);
    this.#strangers.add(node);
    return origin;
  }
}
