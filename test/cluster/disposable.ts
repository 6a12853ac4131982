/** Checks whether a cluster is disposable before anything is done in it. */
export interface ClusterIdentity {
  /** UID of the namespace kube-system. */
  readonly uid: string;
  readonly namespaces: readonly string[];
}

/**
 * Refuses a cluster that is not named as disposable, or that already runs parts of this stack.
 * @throws Error with the remedy.
 */
export function refuseUnlessDisposable(
  { uid, namespaces }: ClusterIdentity,
  given: string | undefined,
  ours: readonly string[],
): void {
  if (given !== uid) {
    throw new Error(
      `E2E_CLUSTER_DISPOSABLE is ${given ? JSON.stringify(given) : 'missing'}; allowed: the UID of the namespace kube-system ` +
        'of a cluster to throw away, since the suite deletes in it: ' +
        "kubectl get namespace kube-system --output jsonpath='{.metadata.uid}'",
    );
  }
  const there = ours.filter((name) => namespaces.includes(name));
  if (there.length) {
    throw new Error(
      `the cluster has the namespaces ${there.join(', ')}, which the suite makes and deletes: delete them first, if nobody ` +
        'needs what is in them',
    );
  }
}
