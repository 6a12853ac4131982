import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { CertificateSpec } from '../../imports/cert-manager.io';
import { PATHS_ANNOTATION } from '../core/labels';
import { createApiObject } from '../core/objects';
import { type IngressController, type IngressSite, routesSortedByPath } from './ingress-controller';

/** Properties for `tlsPassthroughIngressController()`. */
interface TlsPassthroughProps extends Pick<IngressController, 'clients'> {
  /**
   * Creates the route from a host to the guard. Implement this method with `metadataOfTlsPassthroughRoute()`
   * and `backendRefsOfGuardService()`.
   */
  createRoute(scope: Construct, site: IngressSite): void;
}

/**
 * Returns an ingress controller that passes TLS through to the guard. `createRoute` creates the route, an object
 * such as an IngressRouteTCP. cert-manager does not issue certificates for such objects automatically, so each host
 * with an issuer gets a Certificate.
 */
export const tlsPassthroughIngressController = ({
  clients,
  createRoute,
}: TlsPassthroughProps): IngressController => ({
  clients,
  usersFormat: { key: 'auth', hash: 'bcrypt' },
  leavesUsersToGuard: true,
  passesTls: true,
  render: (scope, site) => {
    createRoute(scope, site);
    createCertificateIfIssuerIsSet(scope, site);
  },
});

/**
 * Returns the metadata of the route. An annotation contains the paths of the host for the commands of this package,
 * because a route with TLS passthrough has no field for paths.
 */
export const metadataOfTlsPassthroughRoute = (
  site: IngressSite,
  annotations: Readonly<Record<string, string>> = {},
) => ({
  name: site.name,
  namespace: site.namespace,
  labels: site.labels,
  annotations: {
    ...annotations,
    [PATHS_ANNOTATION]: Lazy.any({
      produce: () => [...new Set(routesSortedByPath(site).map(({ path }) => path))].join(),
    }),
  },
});

/**
 * Returns the list of backends for a route: a single reference to the Service of the guard.
 * @param form converts the name and port of the Service to the format of the route
 */
export const backendRefsOfGuardService = <T>(
  site: IngressSite,
  form: (guard: { name: string; port: number }) => T,
): T[] =>
  Lazy.any({
    produce: () =>
      routesSortedByPath(site)
        .slice(0, 1)
        .map(({ serviceName: name, port }) => form({ name, port })),
  });

function createCertificateIfIssuerIsSet(scope: Construct, site: IngressSite): void {
  const { tls, namespace, labels, host, tlsSecretName: name } = site;
  if ('secretName' in tls) return;
  const issuer =
    'issuer' in tls
      ? { kind: 'Issuer', name: tls.issuer }
      : { kind: 'ClusterIssuer', name: tls.clusterIssuer };
  createApiObject(scope, 'Certificate', {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name, namespace, labels },
    spec: {
      secretName: name,
      dnsNames: [host],
      issuerRef: { group: 'cert-manager.io', ...issuer },
      privateKey: { algorithm: 'ECDSA', rotationPolicy: 'Always' },
    } satisfies CertificateSpec,
  });
}
