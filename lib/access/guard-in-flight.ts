import type { IngressBackend } from '../contracts/endpoint';
import { indentLines, nginxBlock, returnDirective } from '../core/nginx-syntax';
import type { GuardConfig } from './guard-options';

/**
 * Loopback address of the server that counts pushes in flight, after the password was checked and the body
 * was received.
 */
const ADDRESS = '127.0.0.1:8082';

/** Headers that pass the sender's user and address to the counting server; they do not reach the backend. */
const SENDER = 'Sender';
const SENDER_ADDRESS = 'Sender-Address';

const TOO_MANY = 'too many pushes of this user are in flight: try again later';

/** Returns where pushes are forwarded to: the backend, or the counting server. */
export function proxyPassDirectives(
  { serviceName, pushes }: IngressBackend,
  { users, authentication: { certificates }, groups }: GuardConfig,
): string[] {
  if (pushes?.inFlight === undefined) return [`proxy_pass http://${serviceName};`];
  // Nodes with certificates share what the one user of all nodes has.
  const sender = users && !certificates ? (groups ? '$group' : '$user') : 'all';
  const address = certificates ? '$user' : users ? '$client' : '$remote_addr';
  return [
    `proxy_set_header ${SENDER} ${sender};`,
    `proxy_set_header ${SENDER_ADDRESS} ${address};`,
    'proxy_pass http://in-flight;',
  ];
}

/**
 * Returns a separate server for counting, since nginx applies connection limits before it checks passwords
 * and reads bodies.
 */
export function concurrencyServer({ backends }: GuardConfig): string[] {
  const limited = backends.flatMap((backend) => concurrencyLocation(backend));
  if (limited.length === 0) return [];
  return [
    '',
    indentLines(
      2,
      'limit_conn_zone $http_sender zone=in_flight:1m;',
      'limit_conn_zone $http_sender$http_sender_address zone=in_flight_of_address:10m;',
      ...nginxBlock('upstream in-flight', `server ${ADDRESS};`, 'keepalive 16;'),
      ...nginxBlock(
        'server',
        `listen ${ADDRESS};`,
        'access_log off;',
        'limit_conn_status 429;',
        'error_page 429 = @in-flight;',
        ...nginxBlock('location @in-flight', returnDirective(429, TOO_MANY)),
        ...limited,
      ),
    ),
  ];
}

/** A single address gets at most half of its group's limit, so that it cannot block the others. */
function concurrencyLocation({ serviceName, pushes }: IngressBackend): string[] {
  if (pushes?.inFlight === undefined) return [];
  const { path, inFlight } = pushes;
  return nginxBlock(
    `location ~ "^${path}$"`,
    `limit_conn in_flight ${inFlight};`,
    `limit_conn in_flight_of_address ${Math.ceil(inFlight / 2)};`,
    'proxy_set_header Host $host;',
    'proxy_set_header Connection "";',
    `proxy_set_header ${SENDER} "";`,
    `proxy_set_header ${SENDER_ADDRESS} "";`,
    `proxy_pass http://${serviceName};`,
  );
}
