import { nginxBlockLines } from '../core/nginx-syntax';
import type { GuardConfig } from './guard-options';
import { canGuardIdentifyClients } from './guard-users';

/**
 * Returns the directives for the access log, in the format of ingress-nginx. The log contains the user of each push, so
 * that the commands in lib/tools/credentials can find unused users. If the guard responds with 503 so that the
 * client retries, the log contains the original status. If the guard does not know the names of users and nodes, the
 * log is off.
 */
export function accessLogDirectives(config: GuardConfig): string[] {
  const { groups, tls } = config;
  if (!canGuardIdentifyClients(config)) return ['access_log off;'];
  return [
    // Controllers append the client's address to the request header X-Forwarded-For. TLS passthrough does not.
    ...(tls
      ? nginxBlockLines('map $remote_addr $client', 'default $remote_addr;')
      : nginxBlockLines('map $http_x_forwarded_for $client', '"~([^, ]+)$" $1;', 'default $remote_addr;')),
    ...nginxBlockLines('map $refused $outcome', '"" $status;', 'default "$refused answered $status";'),
    `log_format requests '$client - $user [$time_local] "$request" $outcome${groups ? '$of_group' : ''}';`,
    'access_log /dev/stdout requests;',
  ];
}
