import { Construct } from 'constructs';
import type { NetworkServer } from '../contracts/network';
import { CloudWorkload } from './cloud-workload';
import { httpProbes } from './probes';

/** What a LokiGateway is made of. */
export interface LokiGatewayProps {
  readonly name: string;
  readonly namespace: string;
  /** Host and port of Loki. */
  readonly upstream: string;
  readonly upstreamServer: NetworkServer;
  /** Secret with the users, whose names are the tenants. @default - no tenants */
  readonly usersSecretName?: string;
}

const PORT = 8080;
const USERS_DIR = '/etc/nginx/users';

/**
 * The nginx in front of Loki: it lets through what Loki's clients ask for, spreads it over the replicas, and
 * says whose lines they are: where there are tenants, it checks the password and makes the tenant of the user,
 * whatever a client says.
 */
export class LokiGateway extends Construct {
  readonly serviceName: string;
  readonly port = PORT;
  readonly server: NetworkServer;

  constructor(scope: Construct, id: string, props: LokiGatewayProps) {
    super(scope, id);
    const workload = new CloudWorkload(this, 'Default', {
      name: props.name,
      namespace: props.namespace,
      image: 'nginx',
      uid: 101,
      replicas: 2,
      ports: { http: PORT },
      secrets: props.usersSecretName ? { [USERS_DIR]: props.usersSecretName } : {},
      config: [
        {
          name: 'config',
          mountPath: '/etc/nginx/gateway',
          files: () => ({ 'nginx.conf': nginxConf(props) }),
        },
      ],
      container: {
        command: ['nginx'],
        args: ['-c', '/etc/nginx/gateway/nginx.conf', '-g', 'daemon off;'],
        resources: { cpu: '10m', memory: '16Mi', memoryLimit: '64Mi' },
        ...httpProbes({ ready: '/healthz', live: '/healthz' }),
      },
    });
    workload.network.connect(props.upstreamServer);
    this.serviceName = workload.name;
    this.server = workload.server('http');
  }
}

/** Names that Loki takes for a tenant; anybody else is nobody. */
const TENANTS = `
  map $remote_user $tenant {
    "~^[A-Za-z0-9!_.*'()-]{1,150}$" $remote_user;
    default "";
  }
`;

const TENANT_OF_USER = `
      auth_basic "Loki";
      auth_basic_user_file ${USERS_DIR}/auth;
      if ($tenant = "") {
        return 401;
      }
      proxy_set_header X-Scope-OrgID $tenant;`;

const NO_TENANT = `
      proxy_set_header X-Scope-OrgID "";`;

function nginxConf({ upstream, usersSecretName }: LokiGatewayProps): string {
  return `pid /tmp/nginx.pid;
error_log stderr warn;
worker_processes 1;

events {
  worker_connections 1024;
}

http {
  client_body_temp_path /tmp/client-body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  scgi_temp_path /tmp/scgi;
  uwsgi_temp_path /tmp/uwsgi;
  access_log off;
  server_tokens off;
  client_max_body_size 8m;
${usersSecretName ? TENANTS : ''}
  upstream loki {
    server ${upstream};
    keepalive 16;
  }

  server {
    listen ${PORT};

    location = /healthz {
      return 200;
    }

    location /loki/api/ {
      proxy_pass http://loki;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header Authorization "";
      proxy_read_timeout 300s;${usersSecretName ? TENANT_OF_USER : NO_TENANT}
    }

    location / {
      return 404;
    }
  }
}
`;
}
