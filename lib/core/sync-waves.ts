/**
 * Sync waves: the order in which Argo CD applies the objects of an application. A wave starts when the
 * previous one is healthy.
 */
const WAVES = {
  /** Namespaces and other objects that all others depend on. */
  foundations: '-3',
  /**
   * Configuration and identities of pods. External Secrets have created their Secrets when this wave is
   * healthy.
   */
  configuration: '-2',
  /**
   * Workloads that store data. Their claims may wait for the first consumer, so they are in the same wave.
   */
  stores: '-1',
  /** Collectors and network access. */
  collectors: '0',
  /** Ingresses may never get an address, so they are in the last wave, which nothing waits for. */
  entrances: '1',
} as const;

const KINDS: Readonly<Record<string, keyof typeof WAVES>> = {
  Namespace: 'foundations',
  CustomResourceDefinition: 'foundations',
  StatefulSet: 'stores',
  PersistentVolumeClaim: 'stores',
  Deployment: 'collectors',
  DaemonSet: 'collectors',
  Ingress: 'entrances',
  Gateway: 'entrances',
  HTTPRoute: 'entrances',
  TLSRoute: 'entrances',
  IngressRouteTCP: 'entrances',
};

/**
 * Deleting a namespace deletes its volumes. When it is removed from git, Argo CD keeps it until it is deleted manually.
 */
const KEPT = { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' };

/** Returns the annotations for the sync wave of an object, and for objects that Argo CD must never delete. */
export function syncAnnotations(kind: string): Record<string, string> {
  return {
    'argocd.argoproj.io/sync-wave': WAVES[KINDS[kind] ?? 'configuration'],
    ...(kind === 'Namespace' && KEPT),
  };
}
