import type { Construct } from 'constructs';
import { k8s } from '../../core/k8s';
import { Identity } from '../../core/labels';
import { createApiObject, createClusterScopedObject } from '../../core/objects';
import { discoveryPermissions } from '../discovery-permissions';
import type { TokenSecret } from './scrape-config';

/** Properties for `createScrapeTokenAndGrantDiscovery`. */
export interface ScrapeAccessProps {
  /** Name of the Kubernetes objects. */
  readonly name: string;
  readonly namespace: string;
  /** Service account of the operator's Prometheus. Prometheus discovers targets with this account. */
  readonly prometheus: { readonly name: string; readonly namespace: string };
}

/**
 * Creates a service account and a token for scraping kubelets and API servers. Allows this account and the
 * account of Prometheus to discover targets. Returns the Secret that Kubernetes fills with the token. The
 * token is needed because a ScrapeConfig can only read a token from a Secret.
 */
export function createScrapeTokenAndGrantDiscovery(
  scope: Construct,
  { name, namespace, prometheus }: ScrapeAccessProps,
): TokenSecret {
  const { labels } = new Identity(name);
  const metadata = { name, namespace, labels };
  createApiObject(
    scope,
    'ServiceAccount',
    k8s.KubeServiceAccount.manifest({ metadata, automountServiceAccountToken: false }),
  );
  const token = `${name}-token`;
  createApiObject(
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
  createClusterScopedObject(
    scope,
    'ClusterRole',
    k8s.KubeClusterRole.manifest({ metadata: role, rules: discoveryPermissions }),
  );
  createClusterScopedObject(
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
