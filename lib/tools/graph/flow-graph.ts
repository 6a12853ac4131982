/** A node of the graph: a program, a public host, a receiver of alerts, or people. */
export interface Place {
  readonly id: string;
  readonly name: string;
  /** Short description below the name, such as `TLS, passwords`. */
  readonly detail: string;
  /** Title of the frame around the node. @default - no frame, because the node is not part of the manifests */
  readonly frame?: string;
}

/** An edge of the graph: data that flows from one node of the graph to another. */
export interface Flow {
  /** ID of the node of the graph that the data comes from. */
  readonly from: string;
  /** ID of the node of the graph that the data goes to. */
  readonly to: string;
  /** Short description of the data or protocol. */
  readonly label: string;
}

/** The data flow of an environment: nodes of the graph (`places`), and edges between them (`flows`). */
export interface FlowGraph {
  readonly places: readonly Place[];
  readonly flows: readonly Flow[];
}
