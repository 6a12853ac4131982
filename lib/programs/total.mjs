// Usage of all pools together, if node groups have separate limits. The limits of each pool are below the total limits, so
// that one group cannot use up everything.

/** @typedef {{ nodes: number, sharedSeries: number }} TotalLimits */

export class Total {
  nodes = 0;
  sharedSeries = 0;
  #limits;

  /**
   * Creates the total usage of several pools, with no nodes and series yet.
   * @param {TotalLimits} [limits] without total limits, only the limits of the pools apply
   */
  constructor(limits = { nodes: Infinity, sharedSeries: Infinity }) {
    this.#limits = limits;
  }

  hasRoomForNode() {
    return this.nodes < this.#limits.nodes;
  }

  /** Returns whether the limits allow more shared series. @param {number} series number of additional shared series */
  hasRoomForSeries(series) {
    return this.sharedSeries + series <= this.#limits.sharedSeries;
  }

  resetUsage() {
    this.nodes = 0;
    this.sharedSeries = 0;
  }
}
