import { Lazy } from 'cdk8s';
import { type IngressSite, routes } from './ingress-controller';

/** The spec of an Ingress, as every controller reads it that serves that kind. */
export function ingressSpec(site: IngressSite, ingressClassName?: string): object {
  return {
    ingressClassName,
    tls: [{ hosts: [site.host], secretName: site.tlsSecretName }],
    rules: [{ host: site.host, http: { paths: Lazy.any({ produce: () => paths(site) }) } }],
  };
}

function paths(site: IngressSite): object[] {
  return routes(site).map(({ path, serviceName, port }) => ({
    path,
    pathType: 'Prefix',
    backend: { service: { name: serviceName, port: { number: port } } },
  }));
}
