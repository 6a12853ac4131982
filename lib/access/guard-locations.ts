import { type IngressBackend, STAMPED_GROUP } from '../contracts/endpoint';
import { answer, block, lines } from '../core/nginx-syntax';
import { showsCertificates } from './authentication';
import { refuseForeignKey } from './guard-certificates';
import { forwardedTo } from './guard-in-flight';
import type { GuardConfig } from './guard-options';
import { errorPages } from './guard-refusals';
import { access } from './guard-users';

/** Returns the locations: which requests are forwarded to which backend, and which are refused. */
export function locations(config: GuardConfig): string[] {
  const all = config.backends.flatMap((backend) => [...passing(backend, config), ...otherPaths(backend)]);
  return [...all, ...elsewhere(config)].flatMap((location) => ['', lines(4, ...location)]);
}

function passing(backend: IngressBackend, config: GuardConfig): string[][] {
  const { pushes, paths } = backend;
  const matches = pushes ? [`~ "^${pushes.path}$"`] : paths;
  return matches.map((match) =>
    block(
      `location ${match}`,
      ...errorPages(config, backend),
      ...access(config, backend),
      ...accepted(backend),
      ...forwarding(backend, config),
    ),
  );
}

/**
 * Returns locations for other paths of a backend that receives pushes, if it defines an error message for
 * them.
 */
function otherPaths({ pushes, paths }: IngressBackend): string[][] {
  const { pathRule } = pushes ?? {};
  return pathRule ? paths.map((path) => block(`location ${path}/`, answer(400, pathRule))) : [];
}

/** Returns the location for all other paths, which answers 404; none if readers have access to everything. */
function elsewhere({ backends }: GuardConfig): string[][] {
  if (backends.some(({ pushes, paths }) => !pushes && paths.includes('/'))) return [];
  return [block('location /', answer(404, 'this path does not accept pushes'))];
}

/** Returns the checks of methods and bodies. */
function accepted({ pushes }: IngressBackend): string[] {
  if (!pushes) return [];
  const { methods, unsupported } = pushes;
  return [
    ...block(
      `if ($request_method !~ "^(${methods.join('|')})$")`,
      answer(405, `allowed here: ${methods.join(', ')}`),
    ),
    ...(unsupported
      ? block(`if ($content_type ~* "${unsupported.contentType}")`, answer(415, unsupported.reason))
      : []),
  ];
}

/** Returns the headers for backends: they get user and group from the guard, and never the password. */
function forwarding(backend: IngressBackend, config: GuardConfig): string[] {
  const { userHeader, nodeHeader, pushes } = backend;
  const { groups } = config;
  return [
    'proxy_set_header Host $host;',
    'proxy_set_header Connection "";',
    'proxy_set_header Authorization "";',
    ...(userHeader ? [`proxy_set_header ${userHeader} ${groups ? '$group' : '$user'};`] : []),
    ...(nodeHeader ? [`proxy_set_header ${nodeHeader} ${nodeOf(backend, config)};`] : []),
    ...(pushes ? pushedPath(backend, config) : []),
    ...forwardedTo(backend, config),
  ];
}

/** The node in nginx's notation. */
const nodeOf = (backend: IngressBackend, { authentication }: GuardConfig): string =>
  showsCertificates(authentication, backend) ? '$node' : '""';

/** Returns the rewrite to the checked path, decoded once and encoded again, without the client's query. */
function pushedPath(backend: IngressBackend, config: GuardConfig): string[] {
  const { groupStamp, pushes } = backend;
  const ofNode = showsCertificates(config.authentication, backend);
  switch (config.groups || ofNode ? groupStamp : undefined) {
    case 'grouping-key':
      if (ofNode) return [...refuseForeignKey, 'rewrite ^ $uri? break;'];
      return [
        ...block(
          `if ($uri ~ "^${pushes?.path}/group(@base64)?/")`,
          answer(403, 'the label group is set to that of the user: remove it from the path'),
        ),
        'rewrite ^ $uri/group/$group? break;',
      ];
    case 'extra-label':
      return [`rewrite ^ $uri?${ofNode ? '$node_query' : `extra_label=${STAMPED_GROUP}=$group`}? break;`];
    case undefined:
      return ['rewrite ^ $uri? break;'];
  }
}
