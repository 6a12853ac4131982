/** Labels that every object of the stack carries. */
const COMMON = { 'app.kubernetes.io/part-of': 'edge-observability' };

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
      ...COMMON,
      ...this.selector,
      ...(version && { 'app.kubernetes.io/version': version }),
    };
  }
}
