import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { CertificateSpec } from '../../imports/cert-manager.io';
import { PATHS_ANNOTATION } from '../core/labels';
import { apiObject } from '../core/objects';
import { type IngressController, type IngressSite, pathRoutes } from './ingress-controller';

/** Properties for `tlsPassthroughController()`. */
interface PassingTls extends Pick<IngressController, 'clients'> {
  /** Creates the route of a host to the guard, with `routeMetadata()` and `guardReference()`. */
  renderRoute(scope: Construct, site: IngressSite): void;
}

/**
 * A controller that passes TLS on to the guard by a route of its own kind. Unlike for an Ingress, cert-manager issues no
 * certificate for such a route, so that the host gets a Certificate.
 */
export const tlsPassthroughController = ({ clients, renderRoute }: PassingTls): IngressController => ({
  clients,
  usersFormat: { key: 'auth', hash: 'bcrypt' },
  leavesUsersToGuard: true,
  passesTls: true,
  render: (scope, site) => {
    renderRoute(scope, site);
    issueCertificate(scope, site);
  },
});

/** Returns the metadata of the main object, with the paths of the host, which such a route does not know. */
export const routeMetadata = (site: IngressSite, annotations: Readonly<Record<string, string>> = {}) => ({
  name: site.name,
  namespace: site.namespace,
  labels: site.labels,
  annotations: {
    ...annotations,
    [PATHS_ANNOTATION]: Lazy.any({
      produce: () => [...new Set(pathRoutes(site).map(({ path }) => path))].join(),
    }),
  },
});

/** Returns the list with the guard's Service, in the form of a kind of route. */
export const guardReference = <T>(
  site: IngressSite,
  form: (guard: { name: string; port: number }) => T,
): T[] =>
  Lazy.any({
    produce: () =>
      pathRoutes(site)
        .slice(0, 1)
        .map(({ serviceName: name, port }) => form({ name, port })),
  });

function issueCertificate(scope: Construct, site: IngressSite): void {
  const { tls, namespace, labels, host, tlsSecretName: name } = site;
  if ('secretName' in tls) return;
  const issuer =
    'issuer' in tls
      ? { kind: 'Issuer', name: tls.issuer }
      : { kind: 'ClusterIssuer', name: tls.clusterIssuer };
  apiObject(scope, 'Certificate', {
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
