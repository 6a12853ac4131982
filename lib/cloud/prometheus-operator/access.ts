import type { Construct } from 'constructs';
import { k8s } from '../../core/k8s';
import { Identity } from '../../core/labels';
import { apiObject, clusterScopedObject } from '../../core/objects';
import { discoveryPermissions } from '../discovery-permissions';
import type { TokenSecret } from './scrape-config';

/** Properties for `grantScrapeAccess`. */
export interface ScrapeAccessProps {
  /** Name and namespace of the objects. */
  readonly name: string;
  readonly namespace: string;
  /** The service account of Prometheus, which discovers targets by itself. */
  readonly prometheus: { readonly name: string; readonly namespace: string };
}

/**
 * Creates the service account whose token Prometheus uses to scrape kubelets and API servers: a ScrapeConfig accepts a
 * token only from a Secret, which Kubernetes fills.
 */
export function grantScrapeAccess(
  scope: Construct,
  { name, namespace, prometheus }: ScrapeAccessProps,
): TokenSecret {
  const { labels } = new Identity(name);
  const metadata = { name, namespace, labels };
  apiObject(
    scope,
    'ServiceAccount',
    k8s.KubeServiceAccount.manifest({ metadata, automountServiceAccountToken: false }),
  );
  const token = `${name}-token`;
  apiObject(
    scope,
    'Token',
    k8s.KubeSecret.manifest({
      metadata: {
        name: token,
        namespace,
        labels,
        annotations: { 'kubernetes.io/service-account.name': name },
      },
      type: 'kubernetes.io/service-account-token',
    }),
  );
  const role = { name: `${namespace}-${name}`, labels };
  clusterScopedObject(
    scope,
    'ClusterRole',
    k8s.KubeClusterRole.manifest({ metadata: role, rules: discoveryPermissions }),
  );
  clusterScopedObject(
    scope,
    'ClusterRoleBinding',
    k8s.KubeClusterRoleBinding.manifest({
      metadata: role,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name },
      subjects: [{ name, namespace }, prometheus].map((account) => ({ kind: 'ServiceAccount', ...account })),
    }),
  );
  return { name: token };
}
