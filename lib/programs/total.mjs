// Usage of all pools together, if groups share limits: each pool is smaller than the total, so that no group uses all
// of it.

/** @typedef {{ nodes: number, sharedSeries: number }} TotalLimits */

export class Total {
  nodes = 0;
  sharedSeries = 0;
  #limits;

  /** @param {TotalLimits} [limits] none where the sum of the pools is the limit */
  constructor(limits = { nodes: Infinity, sharedSeries: Infinity }) {
    this.#limits = limits;
  }

  hasRoomForNode() {
    return this.nodes < this.#limits.nodes;
  }

  /** @param {number} series beyond what nodes have for themselves */
  hasRoomFor(series) {
    return this.sharedSeries + series <= this.#limits.sharedSeries;
  }

  clear() {
    this.nodes = 0;
    this.sharedSeries = 0;
  }
}
