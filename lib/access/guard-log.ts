import { block } from '../core/nginx-syntax';
import type { GuardConfig } from './guard-options';
import { knowsSenders } from './guard-users';

/**
 * Returns the access log in the format of ingress-nginx. It records the user of each push, so that unused
 * users can be retired; lib/tools/credentials parses it. The status is the intended one, even if the client
 * gets another one that makes it retry.
 */
export function accessLog(config: GuardConfig): string[] {
  const { groups, tls } = config;
  if (!knowsSenders(config)) return ['access_log off;'];
  return [
    // Controllers append the address that they see to those in the client's header; TLS passthrough appends none.
    ...(tls
      ? block('map $remote_addr $client', 'default $remote_addr;')
      : block('map $http_x_forwarded_for $client', '"~([^, ]+)$" $1;', 'default $remote_addr;')),
    ...block('map $refused $outcome', '"" $status;', 'default "$refused answered $status";'),
    `log_format requests '$client - $user [$time_local] "$request" $outcome${groups ? '$of_group' : ''}';`,
    'access_log /dev/stdout requests;',
  ];
}
