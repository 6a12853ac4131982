// Counts the rejected series of one request by reason and node. A request may contain tens of thousands of
// series with as many node names, so the number of names is limited.

/** Maximum number of node names for each reason. Series of further nodes are counted under an empty node name. */
const MOST_NODES = 100;

/** Counter of the rejected series of one request. */
export class RejectedSeries {
  /** Number of rejected series by reason and node. @type {Map<string, Map<string, number>>} */
  #series = new Map();
  /** Reason of the last rejection. @type {string | undefined} */
  lastReason;

  /** Adds a rejected series. @param {{ reason: string, node?: string }} refused reason, and node of the series */
  incrementRejectedSeries({ reason, node = '' }) {
    this.lastReason = reason;
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
   * @returns {{ reason: string, node: string, series: number }[]} one entry for each reason and node; the node is empty
   * for series without the label `node`, and for nodes above the maximum number of names
   */
  listCountsByReasonAndNode() {
    return [...this.#series].flatMap(([reason, nodes]) =>
      [...nodes].map(([node, series]) => ({ reason, node, series })),
    );
  }
}
