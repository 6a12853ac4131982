import { type Endpoint, findExternallyReachableEndpoints } from '../inventory/endpoints';
import type { ClusterObject } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import type { ClusterState, Collision } from './collision';
import { formatReference, kubectlResourceType, referenceOf } from './object-reference';

/** Kinds that route a host and path to a Service. Routes collide only with routes of the same kind. */
const ROUTE_KINDS = ['Ingress', 'HTTPRoute', 'TLSRoute', 'IngressRouteTCP'];

/**
 * Checks whether routes that are not part of this stack serve the same host and path as a route of the synthesis, and
 * returns these collisions.
 */
export async function findHostCollisions(clusterState: ClusterState): Promise<Collision[]> {
  const found: Collision[] = [];
  for (const kind of ROUTE_KINDS) found.push(...(await findHostCollisionsOfRouteKind(kind, clusterState)));
  return found;
}

async function findHostCollisionsOfRouteKind(
  kind: string,
  { objects, applied, isOwn, list }: ClusterState,
): Promise<Collision[]> {
  const ours = objects.filter(({ manifest }) => manifest.kind === kind);
  const [first] = ours;
  if (!first) return [];
  const others = (await list(kubectlResourceType(referenceOf(first.manifest)), '--all-namespaces')).filter(
    (object) => !isOwn(object),
  );
  return ours.flatMap((object) =>
    others.flatMap((other) => {
      const shared = findHostAndPathServedByBoth(object.manifest, other);
      return shared === undefined
        ? []
        : [createHostCollision(object, other, shared, applied(object) !== undefined)];
    }),
  );
}

function createHostCollision(
  { manifest }: RenderedObject,
  other: ClusterObject,
  path: string,
  isApplied: boolean,
): Collision {
  const { namespace, name } = other.metadata;
  return {
    message:
      `${formatReference(referenceOf(manifest))} and ${formatReference(referenceOf(other))}, which is not part of this stack, both serve ${path}: ` +
      'requests would reach the backend of only one object, or the controller would reject the new object',
    remedy: `set another host in settings.hosts, or first delete the other object, which is not part of this stack: kubectl -n ${namespace} delete ${other.kind.toLowerCase()} ${name}`,
    isApplied,
  };
}

/**
 * Returns the first host and path that a manifest and an object in the cluster both serve, such as
 * `push.example.com/metrics`. Returns `undefined` if they have no common path.
 */
function findHostAndPathServedByBoth(
  manifest: RenderedObject['manifest'],
  other: ClusterObject,
): string | undefined {
  const theirs = findExternallyReachableEndpoints([other]);
  for (const { address, paths = [] } of findExternallyReachableEndpoints([manifest])) {
    const path = paths.find((one) =>
      theirs.some((endpoint) => hasOverlappingPathOnHost(endpoint, address, one)),
    );
    if (path !== undefined) return `${address}${path}`;
  }
  return undefined;
}

const hasOverlappingPathOnHost = ({ address, paths = [] }: Endpoint, host: string, path: string): boolean =>
  address === host &&
  paths.some(
    (other) =>
      isPathEqualOrBelow(pathPrefixBeforeRegex(other), path) ||
      isPathEqualOrBelow(path, pathPrefixBeforeRegex(other)),
  );

/**
 * Returns the part of a path before a regular expression: `/metrics` for `/metrics(/.*)?`. A path of ingress-nginx may contain
 * a regular expression.
 */
const pathPrefixBeforeRegex = (path: string): string => path.replace(/[([\\*$].*/, '');

const isPathEqualOrBelow = (path: string, above: string): boolean =>
  `${path}/`.startsWith(above.endsWith('/') ? above : `${above}/`);
