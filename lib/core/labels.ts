/** Label of all objects and pods of the stack. */
export const PART_OF = { 'app.kubernetes.io/part-of': 'edge-observability' } as const;

/** Annotation with URL paths, such as `/,/services`, on routes with TLS passthrough, which have no field for paths. */
export const PATHS_ANNOTATION = 'edge-observability.io/paths';

/** Label that a StatefulSet sets on each pod, with the name of the pod. */
export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';

/**
 * Labels and selector of a component. The selector contains neither the version nor the path of the construct:
 * selectors are immutable in a cluster, so upgrades and refactorings must not change them.
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
