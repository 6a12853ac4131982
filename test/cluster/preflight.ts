import { list, OURS } from './cluster';
import { refuseUnlessDisposable } from './disposable';

/** Ends before any test where the cluster is none that may be changed. */
export default async function preflight(): Promise<void> {
  if (!process.env.E2E_KUBECONFIG) {
    throw new Error('E2E_KUBECONFIG is missing; allowed: the kubeconfig of a cluster to throw away');
  }
  const namespaces = (await list('namespaces')).map(
    ({ metadata }) => metadata as { name: string; uid?: string },
  );
  const uid = namespaces.find(({ name }) => name === 'kube-system')?.uid ?? '';
  refuseUnlessDisposable(
    { uid, namespaces: namespaces.map(({ name }) => name) },
    process.env.E2E_CLUSTER_DISPOSABLE,
    OURS,
  );
}
