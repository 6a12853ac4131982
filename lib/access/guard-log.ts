import { nginxBlock } from '../core/nginx-syntax';
import type { GuardConfig } from './guard-options';
import { identifiesClients } from './guard-users';

/**
 * Returns the access log in the format of ingress-nginx. It records the user of each push, so that unused
 * users can be retired; lib/tools/credentials parses it. The status is the intended one, even if the client
 * gets another one that makes it retry.
 */
export function accessLogDirectives(config: GuardConfig): string[] {
  const { groups, tls } = config;
  if (!identifiesClients(config)) return ['access_log off;'];
  return [
    // Controllers append the address that they see to those in the client's header; TLS passthrough appends none.
    ...(tls
      ? nginxBlock('map $remote_addr $client', 'default $remote_addr;')
      : nginxBlock('map $http_x_forwarded_for $client', '"~([^, ]+)$" $1;', 'default $remote_addr;')),
    ...nginxBlock('map $refused $outcome', '"" $status;', 'default "$refused answered $status";'),
    `log_format requests '$client - $user [$time_local] "$request" $outcome${groups ? '$of_group' : ''}';`,
    'access_log /dev/stdout requests;',
  ];
}
