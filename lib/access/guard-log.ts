import type { GuardConfig } from './guard-options';
import { block } from './nginx-syntax';

/**
 * Who pushes as whom, in the format of ingress-nginx, so that a user can be retired; lib/tools/credentials reads it. The
 * status is the one that was meant, also where clients get another that they retry after.
 */
export function accessLog({ users: known, groups }: GuardConfig): string[] {
  if (!known) return ['access_log off;'];
  return [
    // Controllers add the address that they see to those that the client claims.
    ...block('map $http_x_forwarded_for $client', '"~([^, ]+)$" $1;', 'default $remote_addr;'),
    ...block('map $refused $outcome', '"" $status;', 'default "$refused answered $status";'),
    `log_format requests '$client - $user [$time_local] "$request" $outcome${groups ? '$of_group' : ''}';`,
    'access_log /dev/stdout requests;',
  ];
}
