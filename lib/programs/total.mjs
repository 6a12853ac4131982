// Number of nodes and shared series of all node groups together. The limits of each node group are below the total
// limits, so that one node group cannot use up everything.

/** @typedef {{ nodes: number, sharedSeries: number }} TotalLimits maximum numbers for all node groups together */

/** Numbers of nodes and of shared series (above `seriesPerNode`) of all node groups together. */
export class Total {
  nodes = 0;
  sharedSeries = 0;
  #limits;

  /**
   * Creates an object with 0 nodes and 0 series.
   * @param {TotalLimits} [limits] maximum numbers; if omitted, only the limits of each node group apply
   */
  constructor(limits = { nodes: Infinity, sharedSeries: Infinity }) {
    this.#limits = limits;
  }

  /** Returns whether the limits allow one more node. */
  canAddNode() {
    return this.nodes < this.#limits.nodes;
  }

  /**
   * Returns whether the limits allow more shared series (above `seriesPerNode`).
   * @param {number} series number of additional shared series
   */
  canAddSeriesAboveReservation(series) {
    return this.sharedSeries + series <= this.#limits.sharedSeries;
  }

  /** Sets the numbers of nodes and shared series to 0. */
  resetUsage() {
    this.nodes = 0;
    this.sharedSeries = 0;
  }
}
