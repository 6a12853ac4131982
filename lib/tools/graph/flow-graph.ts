/** Somebody or something that data comes from, passes or goes to. */
export interface Place {
  readonly id: string;
  readonly name: string;
  /** What it is, in a word or two. */
  readonly detail: string;
  /** The title of the frame that it stands in. @default - none: the manifests do not run it */
  readonly frame?: string;
}

/** That data goes from one place to another. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** What goes along, or how, in a word or two. */
  readonly label: string;
}

/** The way of the data through an environment. */
export interface FlowGraph {
  readonly places: readonly Place[];
  readonly flows: readonly Flow[];
}
