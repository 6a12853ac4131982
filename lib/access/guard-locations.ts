import { type IngressBackend, STAMPED_GROUP } from '../contracts/endpoint';
import { indentLines, nginxBlock, returnDirective } from '../core/nginx-syntax';
import { requiresClientCertificate } from './authentication';
import { foreignGroupingKeyRefusal } from './guard-certificates';
import { proxyPassDirectives } from './guard-in-flight';
import { groupHeaderDirectives } from './guard-node-admission';
import type { GuardConfig } from './guard-options';
import { errorPageDirectives } from './guard-refusals';
import { accessControlDirectives } from './guard-users';

/**
 * Returns the nginx locations that forward allowed requests to the backends, and the locations that refuse all
 * other requests.
 */
export function locationBlocks(config: GuardConfig): string[] {
  const all = config.backends.flatMap((backend) => [
    ...backendLocations(backend, config),
    ...pathRefusalLocations(backend),
  ]);
  return [...all, ...notFoundLocation(config)].flatMap((location) => ['', indentLines(4, ...location)]);
}

function backendLocations(backend: IngressBackend, config: GuardConfig): string[][] {
  const { pushes, paths } = backend;
  const matches = pushes ? [`~ "^${pushes.path}$"`] : paths;
  return matches.map((match) =>
    nginxBlock(
      `location ${match}`,
      ...errorPageDirectives(config, backend),
      ...accessControlDirectives(config, backend),
      ...requestCheckDirectives(backend),
      ...forwardDirectives(backend, config),
    ),
  );
}

/**
 * Returns locations that refuse other paths below the paths of a backend, if its `pathRule` defines an error
 * message.
 */
function pathRefusalLocations({ pushes, paths }: IngressBackend): string[][] {
  const { pathRule } = pushes ?? {};
  return pathRule ? paths.map((path) => nginxBlock(`location ${path}/`, returnDirective(400, pathRule))) : [];
}

/**
 * Returns the location that responds with 404 to all other paths. Returns an empty list if a backend serves all
 * paths.
 */
function notFoundLocation({ backends }: GuardConfig): string[][] {
  if (backends.some(({ pushes, paths }) => !pushes && paths.includes('/'))) return [];
  return [nginxBlock('location /', returnDirective(404, 'this path does not accept pushes'))];
}

/** Returns the directives that check the method and the body of a push. */
function requestCheckDirectives({ pushes }: IngressBackend): string[] {
  if (!pushes) return [];
  const { methods, unsupported } = pushes;
  return [
    ...nginxBlock(
      `if ($request_method !~ "^(${methods.join('|')})$")`,
      returnDirective(405, `allowed here: ${methods.join(', ')}`),
    ),
    ...(unsupported
      ? nginxBlock(
          `if ($content_type ~* "${unsupported.contentType}")`,
          returnDirective(415, unsupported.reason),
        )
      : []),
  ];
}

/**
 * Returns the directives that forward a request. The backend receives user and group from the guard, and never
 * the password.
 */
function forwardDirectives(backend: IngressBackend, config: GuardConfig): string[] {
  const { userHeader, nodeHeader, pushes } = backend;
  const { groups } = config;
  return [
    'proxy_set_header Host $host;',
    'proxy_set_header Connection "";',
    'proxy_set_header Authorization "";',
    ...(userHeader ? [`proxy_set_header ${userHeader} ${groups ? '$group' : '$user'};`] : []),
    ...(nodeHeader ? [`proxy_set_header ${nodeHeader} ${nodeNameVariable(backend, config)};`] : []),
    ...groupHeaderDirectives(config, backend),
    ...(pushes ? pathRewriteDirectives(backend, config) : []),
    ...proxyPassDirectives(backend, config),
  ];
}

/**
 * Returns the nginx variable with the name of the node, or an empty string if nodes push without certificates.
 */
const nodeNameVariable = (backend: IngressBackend, { authentication }: GuardConfig): string =>
  requiresClientCertificate(authentication, backend) ? '$node' : '""';

/**
 * Returns the rewrite to the checked path and the stamped group or node. nginx decodes the path once and
 * encodes it again. The client's query is removed.
 */
function pathRewriteDirectives(backend: IngressBackend, config: GuardConfig): string[] {
  const { groupStamp, pushes } = backend;
  const ofNode = requiresClientCertificate(config.authentication, backend);
  switch (config.groups || ofNode ? groupStamp : undefined) {
    case 'grouping-key':
      if (ofNode) return [...foreignGroupingKeyRefusal, 'rewrite ^ $uri? break;'];
      return [
        ...nginxBlock(
          `if ($uri ~ "^${pushes?.path}/group(@base64)?/")`,
          returnDirective(
            403,
            'the guard sets the label group to the group of the user: remove it from the path',
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
