/** UID and namespaces of a cluster, from which the suite decides whether it may use the cluster. */
export interface ClusterIdentity {
  /** UID of the namespace kube-system. */
  readonly uid: string;
  readonly namespaces: readonly string[];
}

/**
 * Verifies that the user has named this cluster as disposable, and that it does not run parts of this stack.
 * @param given value of E2E_CLUSTER_DISPOSABLE
 * @param ours namespaces that must not exist
 * @throws Error with the remedy
 */
export function refuseUnlessDisposable(
  { uid, namespaces }: ClusterIdentity,
  given: string | undefined,
  ours: readonly string[],
): void {
  if (given !== uid) {
    throw new Error(
      `E2E_CLUSTER_DISPOSABLE is ${given ? JSON.stringify(given) : 'missing'}; allowed: the UID of the namespace kube-system ` +
        'of a disposable cluster, because the suite deletes objects; this command prints the UID: ' +
        "kubectl get namespace kube-system --output jsonpath='{.metadata.uid}'",
    );
  }
  const there = ours.filter((name) => namespaces.includes(name));
  if (there.length) {
    throw new Error(
      `the cluster has the namespaces ${there.join(', ')}, which the suite creates and deletes: delete them first, if nobody ` +
        'needs their contents',
    );
  }
}
