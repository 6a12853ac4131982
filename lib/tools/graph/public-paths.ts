import type { RenderedObject } from '../synthesis/render';
import { tlsPassthroughHosts } from '../synthesis/tls-routes';

type Manifest = RenderedObject['manifest'];

/** A path of a public host, and the Service that it is routed to. */
export interface PublicPath {
  readonly host: string;
  readonly path: string;
  /** Namespace and name of the Service that receives the requests. */
  readonly service: string;
}

/** Returns the public paths of all Ingresses and routes, sorted by host and path. */
export function publicPaths(objects: readonly RenderedObject[]): PublicPath[] {
  return objects
    .flatMap(({ manifest }) => {
      if (manifest.kind === 'Ingress') return ingressPublicPaths(manifest);
      return manifest.kind === 'HTTPRoute' ? httpRoutePublicPaths(manifest) : tlsRoutePublicPaths(manifest);
    })
    .sort((one, other) => (one.host + one.path < other.host + other.path ? -1 : 1));
}

function ingressPublicPaths({ metadata: { namespace }, spec }: Manifest): PublicPath[] {
  return (spec.rules ?? []).flatMap(({ host = '*', http }: Manifest) =>
    (http?.paths ?? []).map(({ path = '/', backend }: Manifest) => ({
      host,
      path,
      service: `${namespace}/${backend.service.name}`,
    })),
  );
}

const tlsRoutePublicPaths = (manifest: Manifest): PublicPath[] =>
  tlsPassthroughHosts(manifest).flatMap(({ host, paths, service }) =>
    paths.map((path) => ({ host, path, service: `${manifest.metadata.namespace}/${service}` })),
  );

function httpRoutePublicPaths({
  metadata: { namespace },
  spec: { hostnames = ['*'], rules = [] },
}: Manifest): PublicPath[] {
  return hostnames.flatMap((host: string) =>
    rules.flatMap(({ matches = [{}], backendRefs = [] }: Manifest) =>
      matches.flatMap(({ path }: Manifest) =>
        backendRefs.map(({ name }: Manifest) => ({
          host,
          path: path?.value ?? '/',
          service: `${namespace}/${name}`,
        })),
      ),
    ),
  );
}
