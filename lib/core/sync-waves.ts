/**
 * Sync waves: the order in which Argo CD applies the objects of an Application. A wave starts when all objects
 * of the previous wave are healthy.
 */
const WAVES = {
  /** Namespaces and CustomResourceDefinitions, which all other objects depend on. */
  foundations: '-3',
  /**
   * All kinds that are not in `KINDS`, such as ConfigMaps, service accounts, Services and NetworkPolicies. This wave
   * is healthy when External Secrets has created the Secrets.
   */
  configuration: '-2',
  /**
   * Workloads that store data, and their volume claims. Claims can wait for the first pod that mounts them, so claims
   * and workloads are in one wave.
   */
  stores: '-1',
  /** Workloads that store no data, such as Deployments and the agents on nodes. */
  stateless: '0',
  /**
   * Ingresses, Gateways and routes. An Ingress may never get an address, so it is in the last wave, which no other
   * wave waits for.
   */
  entrances: '1',
} as const;

const KINDS: Readonly<Record<string, keyof typeof WAVES>> = {
  Namespace: 'foundations',
  CustomResourceDefinition: 'foundations',
  StatefulSet: 'stores',
  PersistentVolumeClaim: 'stores',
  Deployment: 'stateless',
  DaemonSet: 'stateless',
  Ingress: 'entrances',
  Gateway: 'entrances',
  HTTPRoute: 'entrances',
  TLSRoute: 'entrances',
  IngressRouteTCP: 'entrances',
};

/**
 * Annotation for namespaces. Deleting a namespace deletes its volumes, so Argo CD must not delete a namespace
 * that is removed from git.
 */
const PRUNE_PROTECTION = { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' };

/** Returns the annotations for Argo CD: the sync wave of an object and, for namespaces, protection against deletion. */
export function argoCdSyncAnnotations(kind: string): Record<string, string> {
  return {
    'argocd.argoproj.io/sync-wave': WAVES[KINDS[kind] ?? 'configuration'],
    ...(kind === 'Namespace' && PRUNE_PROTECTION),
  };
}
