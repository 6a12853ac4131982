import type { IngressBackend } from '../contracts/endpoint';
import { errorResponseDirective, indentLines, nginxBlockLines } from '../core/nginx-syntax';
import type { GuardConfig } from './guard-options';

/**
 * Loopback address of the server that counts concurrent pushes. The guard forwards a request to this server after
 * it has checked the password and received the body.
 */
const CONCURRENCY_SERVER_ADDRESS = '127.0.0.1:8082';

/**
 * Request header with the user or the group that a concurrency limit applies to, or `all` if all clients share one
 * limit. The backend does not receive this header.
 */
const SENDER_HEADER = 'Sender';
/**
 * Request header with the address of the client or, if nodes use certificates, with the name of the node or user. All
 * requests with the same value can use at most half of the concurrency limit. The backend does not receive this header.
 */
const SENDER_ADDRESS_HEADER = 'Sender-Address';

const CONCURRENCY_EXCEEDED = 'too many concurrent pushes: try again later';

/**
 * Returns the directives that forward requests to the backend or, if `inFlight` of the backend is set, to the server
 * that counts concurrent pushes.
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
 * Returns a second nginx server that limits concurrent pushes. nginx applies connection limits before it checks
 * passwords and reads bodies. In the main server, slow uploads and wrong passwords would therefore use up the limit.
 * Returns an empty list if no backend limits concurrent pushes.
 */
export function concurrencyLimitServerBlock({ backends }: GuardConfig): string[] {
  const limited = backends.flatMap((backend) => concurrencyLimitLocationBlock(backend));
  if (limited.length === 0) return [];
  return [
    '',
    indentLines(
      2,
      'limit_conn_zone $http_sender zone=in_flight:1m;',
      'limit_conn_zone $http_sender$http_sender_address zone=in_flight_of_address:10m;',
      ...nginxBlockLines('upstream in-flight', `server ${CONCURRENCY_SERVER_ADDRESS};`, 'keepalive 16;'),
      ...nginxBlockLines(
        'server',
        `listen ${CONCURRENCY_SERVER_ADDRESS};`,
        'access_log off;',
        'limit_conn_status 429;',
        'error_page 429 = @in-flight;',
        ...nginxBlockLines('location @in-flight', errorResponseDirective(429, CONCURRENCY_EXCEEDED)),
        ...limited,
      ),
    ),
  ];
}

/**
 * Returns the nginx location that applies the limit of a backend (`inFlight`). One client address, or one node with a
 * certificate, can use at most half of the limit, so that a single client cannot block all other clients. Returns an
 * empty list if the backend has no limit.
 */
function concurrencyLimitLocationBlock({ serviceName, pushes }: IngressBackend): string[] {
  if (pushes?.inFlight === undefined) return [];
  const { path, inFlight } = pushes;
  return nginxBlockLines(
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
