import { podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import { tlsPassthroughHosts } from '../synthesis/tls-routes';

type Manifest = RenderedObject['manifest'];

/** An endpoint of a program that is reachable from outside of the cluster. */
export interface Endpoint {
  /** Host name, such as `push.example.com`; for a NodePort, the text `every node` and the port: `every node:30080`. */
  readonly address: string;
  /** HTTP paths. @default - the endpoint is not an HTTP route */
  readonly paths?: readonly string[];
  /** The object that exposes the endpoint, as `Kind namespace/name`. */
  readonly by: string;
  /** Secret with the TLS certificate. @default - the manifests configure no certificate for the endpoint */
  readonly tlsSecret?: string;
}

/** Returns the endpoints of manifests: public hosts, load balancers, node ports and host ports. */
export function findExternallyReachableEndpoints(manifests: readonly Manifest[]): Endpoint[] {
  return manifests.flatMap((manifest) => [
    ...ingressEndpoints(manifest),
    ...httpRouteEndpoints(manifest, manifests),
    ...tlsPassthroughEndpoints(manifest),
    ...nodePortAndLoadBalancerEndpoints(manifest),
    ...hostPortEndpoints(manifest),
  ]);
}

const formatKindNamespaceAndName = ({ kind, metadata: { namespace, name } }: Manifest): string =>
  `${kind} ${namespace}/${name}`;

function ingressEndpoints(manifest: Manifest): Endpoint[] {
  if (manifest.kind !== 'Ingress') return [];
  const { rules = [], tls = [] } = manifest.spec;
  return rules.map(({ host, http }: Manifest) => ({
    address: host ?? '*',
    paths: (http?.paths ?? []).map(({ path = '/' }: Manifest) => path),
    by: formatKindNamespaceAndName(manifest),
    tlsSecret: tls.find(({ hosts = [] }: Manifest) => hosts.includes(host))?.secretName,
  }));
}

function httpRouteEndpoints(manifest: Manifest, manifests: readonly Manifest[]): Endpoint[] {
  if (manifest.kind !== 'HTTPRoute') return [];
  // A route without rules, or a rule without matches, is for the path /.
  const { hostnames = ['*'], rules = [{}], parentRefs = [] } = manifest.spec;
  const listeners = manifests
    .filter(
      ({ kind, metadata }) =>
        kind === 'Gateway' && parentRefs.some(({ name }: Manifest) => name === metadata.name),
    )
    .flatMap(({ spec }) => spec.listeners);
  const paths = rules.flatMap(({ matches = [{}] }: Manifest) =>
    matches.map(({ path }: Manifest) => path?.value ?? '/'),
  );
  return hostnames.map((address: string) => ({
    address,
    paths,
    by: formatKindNamespaceAndName(manifest),
    tlsSecret: listeners.find(({ hostname }) => hostname === address)?.tls?.certificateRefs?.[0]?.name,
  }));
}

/**
 * Returns the endpoints of a TLSRoute or an IngressRouteTCP: the ingress controller does not terminate TLS for the
 * hosts of these routes, and passes the connections to a guard (nginx).
 */
const tlsPassthroughEndpoints = (manifest: Manifest): Endpoint[] =>
  tlsPassthroughHosts(manifest).map(({ host: address, paths }) => ({
    address,
    paths,
    by: formatKindNamespaceAndName(manifest),
  }));

function nodePortAndLoadBalancerEndpoints(manifest: Manifest): Endpoint[] {
  const { type, ports = [] } = manifest.spec ?? {};
  if (manifest.kind !== 'Service' || !['NodePort', 'LoadBalancer'].includes(type)) return [];
  return ports.map(({ port, nodePort }: Manifest) => ({
    address:
      type === 'NodePort'
        ? `every node:${nodePort ?? 'port that Kubernetes assigns'}`
        : `load balancer:${port}`,
    by: formatKindNamespaceAndName(manifest),
  }));
}

function hostPortEndpoints(manifest: Manifest): Endpoint[] {
  const { hostNetwork = false, containers = [] } = podSpecOfManifest(manifest) ?? {};
  return containers.flatMap(({ ports = [], args = [] }: Manifest) =>
    ports
      .filter(({ hostPort }: Manifest) => hostPort !== undefined)
      .map(({ hostPort, hostIP }: Manifest) => {
        // With hostNetwork, the arguments of the program determine the address.
        const isLocal = hostNetwork && args.some((arg: string) => arg.endsWith(`=127.0.0.1:${hostPort}`));
        return {
          address: `${isLocal ? '127.0.0.1' : (hostIP ?? 'IP of the node')}:${hostPort}`,
          by: formatKindNamespaceAndName(manifest),
        };
      }),
  );
}
