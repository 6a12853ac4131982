/** Available pages. */
export interface Running {
  /** Name of the edge node. */
  readonly node: string;
  /** A query that shows it. */
  readonly expression: string;
  /** Whether Prometheus was built with a page of its own. */
  readonly hasPage: boolean;
}

/** Messages of the process that runs everything to its parent. */
export type Message =
  | { readonly doing: string }
  | { readonly running: Running }
  | { readonly failed: string };
