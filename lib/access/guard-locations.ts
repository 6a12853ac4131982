import { type IngressBackend, STAMPED_GROUP } from '../contracts/endpoint';
import { indentLines, nginxBlock, returnDirective } from '../core/nginx-syntax';
import { requiresClientCertificate } from './authentication';
import { refuseForeignKey } from './guard-certificates';
import { proxyPassDirectives } from './guard-in-flight';
import { groupHeaderDirectives } from './guard-node-admission';
import type { GuardConfig } from './guard-options';
import { errorPageDirectives } from './guard-refusals';
import { accessDirectives } from './guard-users';

/** Returns the locations: which requests are forwarded to which backend, and which are refused. */
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
      ...accessDirectives(config, backend),
      ...requestChecks(backend),
      ...forwardDirectives(backend, config),
    ),
  );
}

/**
 * Returns locations for other paths of a backend that receives pushes, if it defines an error message for
 * them.
 */
function pathRefusalLocations({ pushes, paths }: IngressBackend): string[][] {
  const { pathRule } = pushes ?? {};
  return pathRule ? paths.map((path) => nginxBlock(`location ${path}/`, returnDirective(400, pathRule))) : [];
}

/** Returns the location for all other paths, which answers 404; an empty list if readers have access to everything. */
function notFoundLocation({ backends }: GuardConfig): string[][] {
  if (backends.some(({ pushes, paths }) => !pushes && paths.includes('/'))) return [];
  return [nginxBlock('location /', returnDirective(404, 'this path does not accept pushes'))];
}

/** Returns the checks of methods and bodies. */
function requestChecks({ pushes }: IngressBackend): string[] {
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

/** Returns the headers for backends: they get user and group from the guard, and never the password. */
function forwardDirectives(backend: IngressBackend, config: GuardConfig): string[] {
  const { userHeader, nodeHeader, pushes } = backend;
  const { groups } = config;
  return [
    'proxy_set_header Host $host;',
    'proxy_set_header Connection "";',
    'proxy_set_header Authorization "";',
    ...(userHeader ? [`proxy_set_header ${userHeader} ${groups ? '$group' : '$user'};`] : []),
    ...(nodeHeader ? [`proxy_set_header ${nodeHeader} ${nodeVariable(backend, config)};`] : []),
    ...groupHeaderDirectives(config, backend),
    ...(pushes ? pushedPathRewrite(backend, config) : []),
    ...proxyPassDirectives(backend, config),
  ];
}

/** The node in nginx's notation. */
const nodeVariable = (backend: IngressBackend, { authentication }: GuardConfig): string =>
  requiresClientCertificate(authentication, backend) ? '$node' : '""';

/** Returns the rewrite to the checked path, decoded once and encoded again, without the client's query. */
function pushedPathRewrite(backend: IngressBackend, config: GuardConfig): string[] {
  const { groupStamp, pushes } = backend;
  const ofNode = requiresClientCertificate(config.authentication, backend);
  switch (config.groups || ofNode ? groupStamp : undefined) {
    case 'grouping-key':
      if (ofNode) return [...refuseForeignKey, 'rewrite ^ $uri? break;'];
      return [
        ...nginxBlock(
          `if ($uri ~ "^${pushes?.path}/group(@base64)?/")`,
          returnDirective(403, 'the label group is set to that of the user: remove it from the path'),
        ),
        'rewrite ^ $uri/group/$group? break;',
      ];
    case 'extra-label':
      return [`rewrite ^ $uri?${ofNode ? '$node_query' : `extra_label=${STAMPED_GROUP}=$group`}? break;`];
    case undefined:
      return ['rewrite ^ $uri? break;'];
  }
}
