import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { k8s } from '../core/k8s';
import { createApiObject } from '../core/objects';
import { type IngressSite, issuerAnnotation, routesSortedByPath } from './ingress-controller';

/**
 * Creates the Ingress of a host, with the fields that all ingress controllers support: routes, TLS and the
 * issuer of the certificate. Pass annotations for everything that is specific to a controller, such as Basic
 * Auth and limits.
 */
export function createIngress(
  scope: Construct,
  site: IngressSite,
  ingressClassName: string | undefined,
  annotations: Readonly<Record<string, string>>,
): void {
  createApiObject(scope, 'Default', {
    ...k8s.KubeIngress.GVK,
    metadata: {
      name: site.name,
      namespace: site.namespace,
      labels: site.labels,
      annotations: { ...annotations, ...issuerAnnotation(site.tls) },
    },
    spec: {
      ingressClassName,
      tls: [{ hosts: [site.host], secretName: site.tlsSecretName }],
      rules: [{ host: site.host, http: { paths: Lazy.any({ produce: () => ingressPaths(site) }) } }],
    },
  });
}

function ingressPaths(site: IngressSite): object[] {
  return routesSortedByPath(site).map(({ path, serviceName, port }) => ({
    path,
    pathType: 'Prefix',
    backend: { service: { name: serviceName, port: { number: port } } },
  }));
}
