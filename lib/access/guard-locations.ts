import { type IngressBackend, STAMPED_GROUP } from '../contracts/endpoint';
import { errorResponseDirective, indentLines, nginxBlockLines } from '../core/nginx-syntax';
import { acceptsClientCertificates } from './authentication';
import { foreignGroupingKeyRefusal } from './guard-certificates';
import { proxyPassDirectives } from './guard-in-flight';
import { nodeGroupHeaderDirectives } from './guard-node-admission';
import type { GuardConfig } from './guard-options';
import { errorPageDirectives } from './guard-refusals';
import { accessControlDirectives } from './guard-users';

/**
 * Returns the nginx locations that forward allowed requests to the backends, and the locations that refuse all
 * other requests.
 */
export function backendAndNotFoundLocationBlocks(config: GuardConfig): string[] {
  const all = config.backends.flatMap((backend) => [
    ...backendLocationBlocks(backend, config),
    ...locationBlocksThatRefuseInvalidPushPaths(backend),
  ]);
  return [...all, ...notFoundLocationBlock(config)].flatMap((location) => ['', indentLines(4, ...location)]);
}

function backendLocationBlocks(backend: IngressBackend, config: GuardConfig): string[][] {
  const { pushes, paths } = backend;
  const matches = pushes ? [`~ "^${pushes.path}$"`] : paths;
  return matches.map((match) =>
    nginxBlockLines(
      `location ${match}`,
      ...errorPageDirectives(config, backend),
      ...accessControlDirectives(config, backend),
      ...pushValidationDirectives(backend),
      ...forwardingDirectives(backend, config),
    ),
  );
}

/**
 * Returns an nginx location for each path of a backend. The location refuses subpaths that do not match the backend's
 * pattern for pushes. The error message is the backend's `pathRule`. Returns an empty list if `pathRule` is not set.
 */
function locationBlocksThatRefuseInvalidPushPaths({ pushes, paths }: IngressBackend): string[][] {
  const { pathRule } = pushes ?? {};
  return pathRule
    ? paths.map((path) => nginxBlockLines(`location ${path}/`, errorResponseDirective(400, pathRule)))
    : [];
}

/**
 * Returns the nginx location that responds with 404 to paths that no backend serves. Returns an empty list if one of
 * the backends serves all paths (`/`).
 */
function notFoundLocationBlock({ backends }: GuardConfig): string[][] {
  if (backends.some(({ pushes, paths }) => !pushes && paths.includes('/'))) return [];
  return [nginxBlockLines('location /', errorResponseDirective(404, 'this path does not accept pushes'))];
}

/**
 * Returns the directives that check the method and the content type of a push. Returns an empty list if the backend
 * does not receive pushes.
 */
function pushValidationDirectives({ pushes }: IngressBackend): string[] {
  if (!pushes) return [];
  const { methods, unsupported } = pushes;
  return [
    ...nginxBlockLines(
      `if ($request_method !~ "^(${methods.join('|')})$")`,
      errorResponseDirective(405, `allowed here: ${methods.join(', ')}`),
    ),
    ...(unsupported
      ? nginxBlockLines(
          `if ($content_type ~* "${unsupported.contentType}")`,
          errorResponseDirective(415, unsupported.reason),
        )
      : []),
  ];
}

/**
 * Returns the directives that forward a request. The backend receives the user, the group and the node from the
 * guard, and never receives the password.
 */
function forwardingDirectives(backend: IngressBackend, config: GuardConfig): string[] {
  const { userHeader, nodeHeader, pushes } = backend;
  const { groups } = config;
  return [
    'proxy_set_header Host $host;',
    'proxy_set_header Connection "";',
    'proxy_set_header Authorization "";',
    ...(userHeader ? [`proxy_set_header ${userHeader} ${groups ? '$group' : '$user'};`] : []),
    ...(nodeHeader
      ? [`proxy_set_header ${nodeHeader} ${nodeNameVariableOrEmptyString(backend, config)};`]
      : []),
    ...nodeGroupHeaderDirectives(config, backend),
    ...(pushes ? pathRewriteDirectives(backend, config) : []),
    ...proxyPassDirectives(backend, config),
  ];
}

/**
 * Returns the nginx variable with the name of the node. Returns an empty nginx string (`""`) if nodes do not push
 * to the backend with certificates.
 */
const nodeNameVariableOrEmptyString = (backend: IngressBackend, { authentication }: GuardConfig): string =>
  acceptsClientCertificates(authentication, backend) ? '$node' : '""';

/**
 * Returns the directives that rewrite the URL of a push. The directives remove the client's query. Depending on the
 * backend's `groupStamp`, the directives add the group of the user to the grouping key, or add the group or the node as
 * an extra label. A push is refused if its grouping key already contains a group, or contains another node than the
 * certificate. As a side effect, nginx decodes the path and encodes it again.
 */
function pathRewriteDirectives(backend: IngressBackend, config: GuardConfig): string[] {
  const { groupStamp, pushes } = backend;
  const ofNode = acceptsClientCertificates(config.authentication, backend);
  switch (config.groups || ofNode ? groupStamp : undefined) {
    case 'grouping-key':
      if (ofNode) return [...foreignGroupingKeyRefusal, 'rewrite ^ $uri? break;'];
      return [
        ...nginxBlockLines(
          `if ($uri ~ "^${pushes?.path}/group(@base64)?/")`,
          errorResponseDirective(
            403,
            "the label 'group' is reserved, because the guard sets it to the group of the user: remove the label from the path",
          ),
        ),
        'rewrite ^ $uri/group/$group? break;',
      ];
    case 'extra-label':
      return [`rewrite ^ $uri?${ofNode ? '$node_query' : `extra_label=${STAMPED_GROUP}=$group`}? break;`];
    case undefined:
      return ['rewrite ^ $uri? break;'];
  }
}
