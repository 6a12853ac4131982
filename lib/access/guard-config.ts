import type { IngressBackend } from '../contracts/endpoint';
import { indentLines } from '../core/nginx-syntax';
import { bytes } from '../core/units';
import { certificateRefusalLocation, tlsFolderMap, tlsListenDirectives } from './guard-certificates';
import { concurrencyServer } from './guard-in-flight';
import { locationBlocks } from './guard-locations';
import { accessLogDirectives } from './guard-log';
import type { GuardConfig } from './guard-options';
import { refusalLocations } from './guard-refusals';
import { admissionLocations, limitServer, rateLimitZones, userMaps } from './guard-users';

/** Path of the kubelet's health checks; no controller routes it. */
export const HEALTH_PATH = '/-/guard';

/** Returns the nginx configuration of the guard, which only lets pushes through. */
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
  default_type text/plain;
  server_tokens off;
  client_max_body_size ${bytes(config.maxBodySize)};
  proxy_http_version 1.1;
  proxy_read_timeout ${config.timeoutSeconds}s;
  proxy_send_timeout ${config.timeoutSeconds}s;
  # Backends read few bodies at a time: none may wait for one that is still on its way here.
  proxy_request_buffering on;
${indentLines(2, ...tlsFolderMap(config), ...userMaps(config), ...accessLogDirectives(config), ...rateLimitZones(config))}
${[...upstreamBlocks(config), ...limitServer(config), ...concurrencyServer(config)].join('\n')}

  server {
${indentLines(4, `listen ${config.port};`, ...(config.ipv6 ? [`listen [::]:${config.port};`] : []), ...tlsListenDirectives(config))}

    location = ${HEALTH_PATH} {
      access_log off;
      return 200;
    }
${[...admissionLocations(config), ...refusalLocations(config), ...certificateRefusalLocation(config), ...locationBlocks(config)].join('\n')}
  }
}
`;
}

/** Returns one upstream per Service, even if several of its paths have their own rules. */
const upstreamBlocks = ({ backends }: GuardConfig): string[] => [...new Set(backends.map(upstreamBlock))];

function upstreamBlock({ serviceName, namespace, server }: IngressBackend): string {
  return `
  upstream ${serviceName} {
    server ${serviceName}.${namespace}.svc:${server.port};
    keepalive 16;
  }`;
}
