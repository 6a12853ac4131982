import type { IngressBackend } from '../contracts/endpoint';
import { indentLines, nginxBlock, returnDirective } from '../core/nginx-syntax';
import type { GuardConfig } from './guard-options';

/**
 * Loopback address of the server that counts concurrent pushes. Requests reach it after the password was
 * checked and the body was received.
 */
const CONCURRENCY_SERVER_ADDRESS = '127.0.0.1:8082';

/** Request header that passes the user to the counting server. The backend does not receive it. */
const SENDER_HEADER = 'Sender';
/** Request header that passes the client's address to the counting server. The backend does not receive it. */
const SENDER_ADDRESS_HEADER = 'Sender-Address';

const CONCURRENCY_EXCEEDED = 'this user has too many concurrent pushes: try again later';

/**
 * Returns the directives that forward pushes to the backend, or to the counting server if concurrent pushes are
 * limited.
 */
export function proxyPassDirectives(
  { serviceName, pushes }: IngressBackend,
  { users, authentication: { certificates }, groups }: GuardConfig,
): string[] {
  if (pushes?.inFlight === undefined) return [`proxy_pass http://${serviceName};`];
  // Nodes with certificates share one limit, as if all of them pushed as the same user.
  const sender = users && !certificates ? (groups ? '$group' : '$user') : 'all';
  const address = certificates ? '$user' : users ? '$client' : '$remote_addr';
  return [
    `proxy_set_header ${SENDER_HEADER} ${sender};`,
    `proxy_set_header ${SENDER_ADDRESS_HEADER} ${address};`,
    'proxy_pass http://in-flight;',
  ];
}

/**
 * Returns a separate server that counts concurrent pushes. nginx applies connection limits before it checks
 * passwords and reads bodies, so the limit must apply in a second server.
 */
export function concurrencyLimitServer({ backends }: GuardConfig): string[] {
  const limited = backends.flatMap((backend) => concurrencyLimitLocation(backend));
  if (limited.length === 0) return [];
  return [
    '',
    indentLines(
      2,
      'limit_conn_zone $http_sender zone=in_flight:1m;',
      'limit_conn_zone $http_sender$http_sender_address zone=in_flight_of_address:10m;',
      ...nginxBlock('upstream in-flight', `server ${CONCURRENCY_SERVER_ADDRESS};`, 'keepalive 16;'),
      ...nginxBlock(
        'server',
        `listen ${CONCURRENCY_SERVER_ADDRESS};`,
        'access_log off;',
        'limit_conn_status 429;',
        'error_page 429 = @in-flight;',
        ...nginxBlock('location @in-flight', returnDirective(429, CONCURRENCY_EXCEEDED)),
        ...limited,
      ),
    ),
  ];
}

/**
 * Returns the location with the limits for a backend. One client address gets at most half of the limit of its
 * user, so that it cannot block the other clients.
 */
function concurrencyLimitLocation({ serviceName, pushes }: IngressBackend): string[] {
  if (pushes?.inFlight === undefined) return [];
  const { path, inFlight } = pushes;
  return nginxBlock(
    `location ~ "^${path}$"`,
    `limit_conn in_flight ${inFlight};`,
    `limit_conn in_flight_of_address ${Math.ceil(inFlight / 2)};`,
    'proxy_set_header Host $host;',
    'proxy_set_header Connection "";',
    `proxy_set_header ${SENDER_HEADER} "";`,
    `proxy_set_header ${SENDER_ADDRESS_HEADER} "";`,
    `proxy_pass http://${serviceName};`,
  );
}
