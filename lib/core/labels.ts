/** Label of every object and pod of the stack. */
export const PART_OF = { 'app.kubernetes.io/part-of': 'edge-observability' } as const;

/** Annotation of routes that pass TLS on: the paths of the host, separated by commas. */
export const PATHS_ANNOTATION = 'edge-observability.io/paths';

/** The label that StatefulSets give to each of their pods. */
export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';

/**
 * Labels and selector of a component. The selector is stated by the construct and contains no version:
 * selectors are immutable in a cluster, so neither an upgrade nor a refactoring may change them.
 */
export class Identity {
  /** Selector of the component's pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** Labels of the component's objects and pods. */
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
