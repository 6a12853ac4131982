import { PATHS_ANNOTATION } from '../../core/labels';
import type { RenderedObject } from './render';

type Manifest = RenderedObject['manifest'];

/** A public host. The ingress controller passes TLS connections to a Service, and does not terminate TLS. */
export interface PassthroughHost {
  readonly host: string;
  /** Paths that the host serves, from an annotation of the route. Without the annotation, the only path is `/`. */
  readonly paths: readonly string[];
  /** Name of the Service. */
  readonly service: string;
}

/** Returns the hosts of a TLSRoute or an IngressRouteTCP. Returns an empty list for other objects. */
export function tlsPassthroughHosts(manifest: Manifest): PassthroughHost[] {
  const paths: string[] = (manifest.metadata?.annotations?.[PATHS_ANNOTATION] ?? '/').split(',');
  if (manifest.kind === 'TLSRoute') {
    const { hostnames = [], rules = [] } = manifest.spec;
    const [service = ''] = rules.flatMap(({ backendRefs = [] }: Manifest) =>
      backendRefs.map(({ name }: Manifest) => name),
    );
    return hostnames.map((host: string) => ({ host, paths, service }));
  }
  if (manifest.kind !== 'IngressRouteTCP') return [];
  return (manifest.spec.routes ?? []).flatMap(({ match = '', services = [] }: Manifest) =>
    [...match.matchAll(/HostSNI\(`([^`]+)`\)/g)].map(([, host = '']) => ({
      host,
      paths,
      service: services[0]?.name ?? '',
    })),
  );
}
