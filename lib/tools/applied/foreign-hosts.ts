import { type Endpoint, findEndpoints } from '../inventory/endpoints';
import type { ClusterObject } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import type { ClusterState, Collision } from './collision';
import { formatReference, kubectlType, referenceOf } from './object-reference';

/** Kinds that route a host and path to a Service. Routes collide only with routes of the same kind. */
const ROUTE_KINDS = ['Ingress', 'HTTPRoute', 'TLSRoute', 'IngressRouteTCP'];

/**
 * Checks whether routes that are not part of this stack serve the same host and path as a route of the synthesis, and
 * returns these collisions.
 */
export async function findHostCollisions(clusterState: ClusterState): Promise<Collision[]> {
  const found: Collision[] = [];
  for (const kind of ROUTE_KINDS) found.push(...(await findHostCollisionsOfKind(kind, clusterState)));
  return found;
}

async function findHostCollisionsOfKind(
  kind: string,
  { objects, applied, isOwn, list }: ClusterState,
): Promise<Collision[]> {
  const ours = objects.filter(({ manifest }) => manifest.kind === kind);
  const [first] = ours;
  if (!first) return [];
  const others = (await list(kubectlType(referenceOf(first.manifest)), '--all-namespaces')).filter(
    (object) => !isOwn(object),
  );
  return ours.flatMap((object) =>
    others.flatMap((other) => {
      const shared = findSharedHostAndPath(object.manifest, other);
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
 * Returns the first host and path that both objects serve, such as `push.example.com/metrics`. Returns `undefined` if the objects
 * serve no common path.
 */
function findSharedHostAndPath(
  manifest: RenderedObject['manifest'],
  other: ClusterObject,
): string | undefined {
  const theirs = findEndpoints([other]);
  for (const { address, paths = [] } of findEndpoints([manifest])) {
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
    (other) => isPathBelow(literalPathPrefix(other), path) || isPathBelow(path, literalPathPrefix(other)),
  );

/**
 * Returns the part of a path before a regular expression: `/metrics` for `/metrics(/.*)?`. A path of ingress-nginx may contain
 * a regular expression.
 */
const literalPathPrefix = (path: string): string => path.replace(/[([\\*$].*/, '');

const isPathBelow = (path: string, above: string): boolean =>
  `${path}/`.startsWith(above.endsWith('/') ? above : `${above}/`);
