import type { Construct } from 'constructs';
import { k8s } from './k8s';
import type { Identity } from './labels';
import type { NetworkAccess } from './network-access';
import { createClusterScopedObject } from './objects';
import { Platform } from './platform';

/** A component with a service account that accesses the API server. */
export interface Grantee {
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  readonly network: NetworkAccess;
}

/** Ports of the API server: 443 of its Service, and 6443, kubeadm's default on control plane nodes. */
export const API_SERVER_PORTS: readonly number[] = [443, 6443];

/**
 * Creates a ClusterRole and a ClusterRoleBinding for the service account of a component, and allows network access
 * to the API server.
 */
export function grantClusterRoleAndApiAccess(
  scope: Construct,
  { name, namespace, identity, network }: Grantee,
  rules: readonly k8s.PolicyRule[],
): void {
  // Names of cluster-scoped objects contain the namespace, so that two stacks in one cluster do not conflict.
  const metadata = { name: `${namespace}-${name}`, labels: identity.labels };
  createClusterScopedObject(
    scope,
    'ClusterRole',
    k8s.KubeClusterRole.manifest({ metadata, rules: [...rules] }),
  );
  createClusterScopedObject(
    scope,
    'ClusterRoleBinding',
    k8s.KubeClusterRoleBinding.manifest({
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    }),
  );
  network.allowEgressTo({ cidrs: Platform.of(scope).nodeCidrs }, ...API_SERVER_PORTS);
}
