/** Labels that every object and every pod of the stack carries. */
export const PART_OF = { 'app.kubernetes.io/part-of': 'edge-observability' } as const;

/**
 * How a component is named in labels. Selectors are stated by the construct and hold no version:
 * they are immutable in a cluster, so they change neither with an upgrade nor with a refactoring.
 */
export class Identity {
  /** What selects the component's pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** What its objects and pods carry. */
  readonly labels: Readonly<Record<string, string>>;

  constructor(
    readonly name: string,
    version?: string,
    extra: Readonly<Record<string, string>> = {},
  ) {
    this.selector = { 'app.kubernetes.io/name': name };
    this.labels = {
      ...extra,
      ...PART_OF,
      ...this.selector,
      ...(version && { 'app.kubernetes.io/version': version }),
    };
  }
}
