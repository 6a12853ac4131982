/** Available pages. */
export interface Running {
  /** Name of the edge node. */
  readonly node: string;
  /** A PromQL query that returns a series of the node. */
  readonly expression: string;
  /** Whether this build of Prometheus has a web UI. */
  readonly hasPage: boolean;
}

/** Messages of the process that runs everything to its parent. */
export type Message =
  | { readonly doing: string }
  | { readonly running: Running }
  | { readonly failed: string };
