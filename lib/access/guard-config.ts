import type { IngressBackend } from '../contracts/endpoint';
import { indentLines } from '../core/nginx-syntax';
import { toBytes } from '../core/units';
import {
  certificateErrorPageLocationBlock,
  nginxMapForTlsCertificateFolder,
  tlsTerminationDirectives,
} from './guard-certificates';
import { concurrencyLimitServerBlock } from './guard-in-flight';
import { backendAndNotFoundLocationBlocks } from './guard-locations';
import { accessLogDirectives } from './guard-log';
import type { GuardConfig } from './guard-options';
import { refusalLocationBlocks } from './guard-refusals';
import {
  nginxMapsForUserAndGroup,
  pushPermissionLocationBlocks,
  rateLimitZoneDirectives,
  serverBlockForRateLimitAndNodeAdmission,
} from './guard-users';

/** Path of the kubelet's health checks. The guard itself responds to requests for this path. */
export const HEALTH_PATH = '/-/guard';

/**
 * Returns the nginx configuration of the guard. The guard forwards the requests that the backends allow, and refuses
 * all other requests.
 */
export function renderGuardNginxConfig(config: GuardConfig): string {
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
  client_max_body_size ${toBytes(config.maxBodySize)};
  proxy_http_version 1.1;
  proxy_read_timeout ${config.timeoutSeconds}s;
  proxy_send_timeout ${config.timeoutSeconds}s;
  # Buffers bodies, because backends read few bodies at a time and must not wait for a slow client.
  proxy_request_buffering on;
${indentLines(2, ...nginxMapForTlsCertificateFolder(config), ...nginxMapsForUserAndGroup(config), ...accessLogDirectives(config), ...rateLimitZoneDirectives(config))}
${[...upstreamBlocks(config), ...serverBlockForRateLimitAndNodeAdmission(config), ...concurrencyLimitServerBlock(config)].join('\n')}

  server {
${indentLines(4, `listen ${config.port};`, ...(config.ipv6 ? [`listen [::]:${config.port};`] : []), ...tlsTerminationDirectives(config))}

    location = ${HEALTH_PATH} {
      access_log off;
      return 200;
    }
${[...pushPermissionLocationBlocks(config), ...refusalLocationBlocks(config), ...certificateErrorPageLocationBlock(config), ...backendAndNotFoundLocationBlocks(config)].join('\n')}
  }
}
`;
}

/** Returns one nginx `upstream` block for each Service, even if several backends use the same Service. */
const upstreamBlocks = ({ backends }: GuardConfig): string[] => [...new Set(backends.map(upstreamBlock))];

function upstreamBlock({ serviceName, namespace, server }: IngressBackend): string {
  return `
  upstream ${serviceName} {
    server ${serviceName}.${namespace}.svc:${server.port};
    keepalive 16;
  }`;
}
