import type { IngressBackend } from '../contracts/endpoint';
import { lines } from '../core/nginx-syntax';
import { bytes } from '../core/units';
import { invalidCertificates, tls, tlsFolder } from './guard-certificates';
import { inFlightServer } from './guard-in-flight';
import { locations } from './guard-locations';
import { accessLog } from './guard-log';
import type { GuardConfig } from './guard-options';
import { refusals } from './guard-refusals';
import { admission, limitServer, rateLimits, users } from './guard-users';

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
${lines(2, ...tlsFolder(config), ...users(config), ...accessLog(config), ...rateLimits(config))}
${[...upstreams(config), ...limitServer(config), ...inFlightServer(config)].join('\n')}

  server {
${lines(4, `listen ${config.port};`, ...(config.ipv6 ? [`listen [::]:${config.port};`] : []), ...tls(config))}

    location = ${HEALTH_PATH} {
      access_log off;
      return 200;
    }
${[...admission(config), ...refusals(config), ...invalidCertificates(config), ...locations(config)].join('\n')}
  }
}
`;
}

/** Returns one upstream per Service, even if several of its paths have their own rules. */
const upstreams = ({ backends }: GuardConfig): string[] => [...new Set(backends.map(upstream))];

function upstream({ serviceName, namespace, server }: IngressBackend): string {
  return `
  upstream ${serviceName} {
    server ${serviceName}.${namespace}.svc:${server.port};
    keepalive 16;
  }`;
}
