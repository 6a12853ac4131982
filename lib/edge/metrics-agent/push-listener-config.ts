import { errorResponseDirective, indentLines, nginxBlockLines } from '../../core/nginx-syntax';
import { toBytes } from '../../core/units';
import type { ResolvedPushes } from './pushes';

/** Properties for `renderListenerConfig`. */
export interface ListenerConfigProps {
  readonly pushes: ResolvedPushes;
  readonly port: number;
  /** Folder with the listener's program `main.mjs`. */
  readonly programDir: string;
  /** Path of the file with users and password hashes: a copy on the node's disk. */
  readonly usersFile: string;
}

/**
 * Environment variables that the listener's program reads. nginx passes only these variables to its worker processes.
 */
export const LISTENER_VARIABLES = ['LIMITS_FILE', 'STOPPED_FILE', 'LOGIN_FILE', 'AGENT_URL'] as const;

/** Bytes of shared memory per series of a job: the hash of the series, a number of up to 16 digits. */
const BYTES_OF_A_SERIES = 40;

/** Bytes of shared memory per job for the counters of rejected pushes, by reason. */
const BYTES_OF_REFUSALS = 10_240;

/** Limits for a pod that is not on the host's network: requests per second, burst, and concurrent requests. */
const [RATE, BURST, AT_ONCE] = [50, 100, 16];

/**
 * Maximum number of concurrent requests from the loopback address. All pods on the host's network share this address, so
 * one limit applies to all these pods. The limit follows from the memory limit of the listener.
 */
const AT_ONCE_ON_LOOPBACK = 64;

/**
 * Returns the nginx configuration of the listener, which accepts pushes only from pods of the node and only on the
 * paths of its two protocols.
 */
export function renderListenerConfig({ pushes, port, programDir, usersFile }: ListenerConfigProps): string {
  const { podCidrs, jobs, seriesPerJob, bytesPerPush } = pushes;
  const body = toBytes(bytesPerPush);
  const sharedBytes = 2 ** 20 + 2 * jobs * (4_096 + seriesPerJob * BYTES_OF_A_SERIES);
  return `load_module modules/ngx_http_js_module.so;
pid /tmp/nginx.pid;
error_log stderr crit;
worker_processes 1;
${LISTENER_VARIABLES.map((name) => `env ${name};`).join('\n')}

events {
  worker_connections 512;
}

http {
  client_body_temp_path /tmp/client-body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  scgi_temp_path /tmp/scgi;
  uwsgi_temp_path /tmp/uwsgi;
  # No request is logged. nginx evaluates this variable at the end of each request, and the function counts rejections.
  js_set $counted_refusal listener.addNginxRejection;
  js_var $is_counted "";
  access_log /dev/null combined if=$counted_refusal;
  default_type text/plain;
  server_tokens off;

  # nginx buffers each push in memory and writes nothing to disk. Timeouts keep slow clients from occupying memory.
  client_max_body_size ${body};
  client_body_buffer_size ${body};
  client_body_in_single_buffer on;
  client_header_timeout 5s;
  client_body_timeout 5s;
  send_timeout 5s;
  keepalive_timeout 90s;

  js_engine qjs;
  js_context_reuse 2;
  js_path ${programDir};
  js_import listener from main.mjs;
  js_shared_dict_zone zone=jobs:${renderNginxMemorySize(sharedBytes)};
  js_shared_dict_zone zone=refusals:${renderNginxMemorySize(2 ** 18 + 2 * jobs * BYTES_OF_REFUSALS)} type=number;
  js_fetch_timeout 5s;
  js_shared_dict_zone zone=waiting:64k type=number;

${indentLines(2, ...nginxBlockLines('geo $realm', 'default pushes;', '127.0.0.0/8 off;'))}
${indentLines(2, ...nginxBlockLines('geo $is_pod', 'default "";', ...allowedAddressRanges(podCidrs).map((cidr) => `${cidr} 1;`)))}
${indentLines(2, ...nginxBlockLines('map $realm $pod', 'off "";', 'default $remote_addr;'))}
${indentLines(2, ...nginxBlockLines('map $realm $loopback', 'off loopback;', 'default "";'))}
  limit_req_zone $pod zone=requests:1m rate=${RATE}r/s;
  limit_conn_zone $pod zone=pods:1m;
  limit_conn_zone $loopback zone=loopback:32k;

  server {
    listen ${podCidrs.length ? '0.0.0.0' : '127.0.0.1'}:${port};
${indentLines(4, ...accessRestrictionDirectives(pushes, usersFile), ...rejectionResponseDirectives(body))}

    location ^~ /metrics/job {
${indentLines(6, ...pushLocationDirectives('handlePush'))}
    }
    location = /v1/metrics {
${indentLines(6, ...pushLocationDirectives('handleOtlp'))}
    }
    location = /metrics {
      allow 127.0.0.0/8;
      deny all;
      js_content listener.serveMetrics;
    }
    location / {
${indentLines(6, errorResponseDirective(404, 'pushes go to /metrics/job/<job> (PUT, POST) or, as OTLP, to /v1/metrics (POST)'))}
    }
  }
}
`;
}

/** Renders a number of bytes as an nginx size, rounded up to whole memory pages of 4 KiB. */
const renderNginxMemorySize = (count: number): string => `${Math.ceil(count / 4_096) * 4}k`;

/** Returns the address ranges from which pods of the node connect. */
const allowedAddressRanges = (podCidrs: readonly string[]): string[] => ['127.0.0.0/8', ...podCidrs];

/**
 * Returns nginx directives that allow only pods and other programs of the node. Connections to the loopback address need
 * no password: they come from pods on the host network, or from programs of the device itself.
 */
const accessRestrictionDirectives = ({ podCidrs }: ResolvedPushes, usersFile: string): string[] => [
  ...allowedAddressRanges(podCidrs).map((cidr) => `allow ${cidr};`),
  'deny all;',
  ...(podCidrs.length ? ['auth_basic $realm;', `auth_basic_user_file ${usersFile};`] : []),
];

const pushLocationDirectives = (handler: 'handlePush' | 'handleOtlp'): string[] => [
  `limit_req zone=requests burst=${BURST} nodelay;`,
  'limit_req_status 429;',
  `limit_conn pods ${AT_ONCE};`,
  `limit_conn loopback ${AT_ONCE_ON_LOOPBACK};`,
  'limit_conn_status 429;',
  `js_content listener.${handler};`,
];

/**
 * Returns nginx directives that define the responses to requests that nginx itself rejects. The responses contain the
 * reason.
 * @param body maximum size of a push in bytes
 */
const rejectionResponseDirectives = (body: number): string[] =>
  Object.entries({
    401: 'a user and a password are required: read them from the folder in the environment variable PUSHGATEWAY_CREDENTIALS_DIR',
    403: 'only pods of this node are allowed to push',
    413: `the push is too large; allowed: up to ${body} bytes`,
    429: `too many pushes; allowed: ${RATE} per second and pod, ${AT_ONCE} concurrent pushes per pod, and ${AT_ONCE_ON_LOOPBACK} concurrent pushes of all pods on the host network`,
  }).flatMap(([status, reason]) => [
    `error_page ${status} @${status};`,
    ...nginxBlockLines(
      `location @${status}`,
      ...(status === '401' ? ['add_header WWW-Authenticate "Basic realm=pushes" always;'] : []),
      // Without these directives, nginx would reject the internal redirect to this response, too.
      'allow all;',
      'auth_basic off;',
      errorResponseDirective(Number(status), reason),
    ),
  ]);
