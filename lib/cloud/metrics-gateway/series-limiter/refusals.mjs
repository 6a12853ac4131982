// Counts the rejected series of one request by reason and node. A request may contain tens of thousands of
// series with as many node names, so the number of names is limited.

/** Maximum number of node names per request that are counted separately. */
const MOST_NODES = 100;

export class Refusals {
  /** Counts by reason and node. @type {Map<string, Map<string, number>>} */
  #series = new Map();
  /** Reason of the last rejection. @type {string | undefined} */
  last;

  /** Counts a rejected series. @param {{ reason: string, node?: string }} refused */
  countSeries({ reason, node = '' }) {
    this.last = reason;
    let nodes = this.#series.get(reason);
    if (!nodes) {
      nodes = new Map();
      this.#series.set(reason, nodes);
    }
    const name = nodes.size < MOST_NODES || nodes.has(node) ? node : '';
    nodes.set(name, (nodes.get(name) ?? 0) + 1);
  }

  /**
   * Returns the number of rejected series for each reason and node.
   * @returns {{ reason: string, node: string, series: number }[]}
   */
  listCounts() {
    return [...this.#series].flatMap(([reason, nodes]) =>
      [...nodes].map(([node, series]) => ({ reason, node, series })),
    );
  }
}
