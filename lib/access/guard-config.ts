import { type IngressBackend, STAMPED_GROUP } from '../contracts/endpoint';
import { usersOfGroup } from '../core/groups';
import { bytes, type Quantity } from '../core/units';

/** How a guard knows who somebody is. */
export type GuardUsers =
  /** The controller has checked the password, and says so in a header that it sets itself. */
  | { readonly header: string }
  /** The guard checks the password against a file of htpasswd lines. */
  | { readonly file: string; readonly realm: string };

/** How often one user may push. */
export interface RateLimit {
  /** Requests a second, of all nodes that push as this user together. */
  readonly requestsPerSecond: number;
  /** So many may come at once: a fleet that returns from an outage. @default - ten seconds' worth */
  readonly burst?: number;
}

/** What a guard's configuration depends on. */
export interface GuardConfig {
  readonly port: number;
  /** Whether it listens on addresses of IPv6, too. @default false - a kernel without them would end nginx */
  readonly ipv6?: boolean;
  readonly backends: readonly IngressBackend[];
  readonly maxBodySize: Quantity;
  readonly timeoutSeconds: number;
  /** @default - whoever comes from the controller may push */
  readonly users?: GuardUsers;
  /** Whose users may push: groups of nodes. @default - every user may */
  readonly groups?: readonly string[];
  /** @default - no limit */
  readonly rateLimit?: RateLimit;
}

/** Path by which the kubelet asks whether it lives; no controller routes it. */
export const HEALTH_PATH = '/-/guard';

/** Where it asks itself whether a user may push: after the password was checked, so that guesses learn nothing. */
const ADMISSION_PATH = '/-/admission';

/** Users whom every backend can name; anybody else is nobody. */
const USER_NAME = "^[A-Za-z0-9!_.*'()-]{1,150}$";

/** The nginx that lets through pushes, and nothing else. */
export function guardConfig(config: GuardConfig): string {
  return `pid /tmp/nginx.pid;
error_log stderr warn;
worker_processes 1;

events {
  worker_connections 4096;
}

http {
  client_body_temp_path /tmp/client-body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  scgi_temp_path /tmp/scgi;
  uwsgi_temp_path /tmp/uwsgi;
  server_tokens off;
  client_max_body_size ${bytes(config.maxBodySize)};
  proxy_http_version 1.1;
  proxy_read_timeout ${config.timeoutSeconds}s;
  proxy_send_timeout ${config.timeoutSeconds}s;
${lines(2, ...users(config), ...groups(config), ...accessLog(config), ...rateLimits(config))}
${config.backends.map(upstream).join('\n')}

  server {
${lines(4, `listen ${config.port};`, ...(config.ipv6 ? [`listen [::]:${config.port};`] : []))}

    location = ${HEALTH_PATH} {
      access_log off;
      return 200;
    }
${[...admission(config), ...routes(config), ...elsewhere(config)].join('\n')}
  }
}
`;
}

/** What is no push is nowhere; where readers have everything, there is nothing else. */
function elsewhere({ backends }: GuardConfig): string[] {
  if (backends.some(({ pushes, paths }) => !pushes && paths.includes('/'))) return [];
  return [
    `
    location / {
      return 404;
    }`,
  ];
}

function users({ users: known }: GuardConfig): string[] {
  if (!known) return [];
  const claimed = 'header' in known ? variableOf(known.header) : '$remote_user';
  return [`map ${claimed} $user {`, `  "~${USER_NAME}" ${claimed};`, '  default "";', '}'];
}

/** Whom a group's name stands for; `$of_group` is what the log says of it. */
function groups({ groups: known }: GuardConfig): string[] {
  if (!known) return [];
  return [
    'map $user $group {',
    ...known.map((group) => `  "~${usersOfGroup(group)}" ${group};`),
    '  default "";',
    '}',
    'map $group $of_group {',
    '  "" " of no group";',
    '  default " of group $group";',
    '}',
  ];
}

function admission({ users: known, groups: named }: GuardConfig): string[] {
  if (!known) return [];
  return [
    `
    location = ${ADMISSION_PATH} {
      internal;
${lines(6, ...refusal('$user', 401), ...(named ? refusal('$group', 403) : []), 'return 204;')}
    }`,
  ];
}

const refusal = (variable: string, status: number): string[] => [
  `if (${variable} = "") {`,
  `  return ${status};`,
  '}',
];

/** Who pushes as whom, in the format of ingress-nginx, so that a user can be retired; lib/credentials reads it. */
function accessLog({ users: known, groups: named }: GuardConfig): string[] {
  if (!known) return ['access_log off;'];
  return [
    // Controllers add the address that they see to those that the client claims.
    'map $http_x_forwarded_for $client {',
    '  "~([^, ]+)$" $1;',
    '  default $remote_addr;',
    '}',
    `log_format requests '$client - $user [$time_local] "$request" $status${named ? '$of_group' : ''}';`,
    'access_log /dev/stdout requests;',
  ];
}

/** nginx's variable of a request header. */
const variableOf = (header: string): string => `$http_${header.toLowerCase().replaceAll('-', '_')}`;

function rateLimits({ users: known, rateLimit }: GuardConfig): string[] {
  // nginx counts before it checks: with the password in the key, wrong ones do not use up the right one's.
  const key = known && 'file' in known ? '$http_authorization' : '$user';
  return rateLimit
    ? [
        `limit_req_zone ${key} zone=users:10m rate=${rateLimit.requestsPerSecond}r/s;`,
        'limit_req_status 429;',
      ]
    : [];
}

function upstream({ serviceName, namespace, server }: IngressBackend): string {
  return `
  upstream ${serviceName} {
    server ${serviceName}.${namespace}.svc:${server.port};
    keepalive 16;
  }`;
}

const routes = (config: GuardConfig): string[] =>
  config.backends.flatMap((backend) => locations(backend, config));

function locations(backend: IngressBackend, config: GuardConfig): string[] {
  const { pushes, paths } = backend;
  const matches = pushes ? [`~ "^${pushes.path}$"`] : paths;
  return matches.map(
    (match) => `
    location ${match} {
${lines(6, ...access(config), ...methods(backend), ...forwarding(backend, config))}
    }`,
  );
}

/** Who comes in: those who are somebody, and not too often. */
function access({ users: known, rateLimit }: GuardConfig): string[] {
  if (!known) return [];
  return [
    ...('file' in known ? [`auth_basic ${quoted(known.realm)};`, `auth_basic_user_file ${known.file};`] : []),
    `auth_request ${ADMISSION_PATH};`,
    ...(rateLimit
      ? [`limit_req zone=users burst=${rateLimit.burst ?? rateLimit.requestsPerSecond * 10} nodelay;`]
      : []),
  ];
}

function methods({ pushes }: IngressBackend): string[] {
  return pushes ? [`limit_except ${pushes.methods.join(' ')} {`, '  deny all;', '}'] : [];
}

/** Backends learn the user and the group from the guard alone, and never the password. */
function forwarding(backend: IngressBackend, { groups: named }: GuardConfig): string[] {
  const { serviceName, userHeader } = backend;
  return [
    'proxy_set_header Host $host;',
    'proxy_set_header Connection "";',
    'proxy_set_header Authorization "";',
    ...(userHeader ? [`proxy_set_header ${userHeader} ${named ? '$group' : '$user'};`] : []),
    ...(named ? stamp(backend) : []),
    `proxy_pass http://${serviceName};`,
  ];
}

/** Both send the path as it was checked here, decoded once and encoded anew, and no query of the client's. */
function stamp({ groupStamp, pushes }: IngressBackend): string[] {
  switch (groupStamp) {
    case 'grouping-key':
      return [
        `if ($uri ~ "^${pushes?.path}/group(@base64)?/") {`,
        '  return 403 "the label group is that of the user: leave it out of the path\\n";',
        '}',
        'rewrite ^ $uri/group/$group? break;',
      ];
    case 'extra-label':
      return [`rewrite ^ $uri?extra_label=${STAMPED_GROUP}=$group? break;`];
    case undefined:
      return [];
  }
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\$]/g, '')}"`;

function lines(indent: number, ...all: readonly string[]): string {
  return all.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
}
