import type { GuardConfig } from './guard-options';
import { block } from './nginx-syntax';

/**
 * Returns the access log in the format of ingress-nginx. It records the user of each push, so that unused
 * users can be retired; lib/tools/credentials parses it. The status is the intended one, even if the client
 * gets another one that makes it retry.
 */
export function accessLog({ users: known, groups }: GuardConfig): string[] {
  if (!known) return ['access_log off;'];
  return [
    // Controllers append the address that they see to those in the client's header.
    ...block('map $http_x_forwarded_for $client', '"~([^, ]+)$" $1;', 'default $remote_addr;'),
    ...block('map $refused $outcome', '"" $status;', 'default "$refused answered $status";'),
    `log_format requests '$client - $user [$time_local] "$request" $outcome${groups ? '$of_group' : ''}';`,
    'access_log /dev/stdout requests;',
  ];
}
