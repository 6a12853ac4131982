/** A node of the graph: a source, intermediate or destination of data. */
export interface Place {
  readonly id: string;
  readonly name: string;
  /** Short description. */
  readonly detail: string;
  /** Title of the frame around it. @default - none; it is not part of the manifests */
  readonly frame?: string;
}

/** An edge of the graph: a data flow. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** Short description of the data or protocol. */
  readonly label: string;
}

/** The data flow of an environment. */
export interface FlowGraph {
  readonly places: readonly Place[];
  readonly flows: readonly Flow[];
}
