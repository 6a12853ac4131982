import { CERTIFIED_GROUP_HEADER, type IngressBackend } from '../contracts/endpoint';
import {
  END_HEADER,
  FAULT_HEADER,
  GROUP_HEADER,
  NODE_HEADER,
  REFUSAL_HEADER,
} from '../contracts/node-admission';
import { indentLines, nginxBlock } from '../core/nginx-syntax';
import { requiresClientCertificate } from './authentication';
import type { GuardConfig } from './guard-options';

/** Name of the upstream, and of the zone with its answers. */
const ADMISSION = 'node-admission';

/** Path of the internal request that counts a certificate which nginx refused by itself. */
const FAULT_PATH = '/-/certificate-fault';

const headerVariable = (header: string): string => `$http_${header.toLowerCase()}`;

/** Headers that ask about a node, from the server that clients connect to. */
export const nodeHeaderDirectives = ({ admissionAddress }: GuardConfig, fault: string): string[] =>
  admissionAddress
    ? [
        `proxy_set_header ${NODE_HEADER} $node;`,
        `proxy_set_header ${END_HEADER} $certificate_end;`,
        `proxy_set_header ${FAULT_HEADER} ${fault};`,
      ]
    : [];

/** Reports whether the program is asked about the nodes of a backend: nginx refuses a variable that no location sets. */
export const checksNodeAdmission = ({ admissionAddress, authentication, backends }: GuardConfig): boolean =>
  admissionAddress !== undefined &&
  backends.some((backend) => requiresClientCertificate(authentication, backend));

/** Keeps the reason of a refusal, and the group of an admitted node. */
export const nodeAnswerVariables = (config: GuardConfig): string[] =>
  checksNodeAdmission(config)
    ? [
        `auth_request_set $node_refusal $upstream_http_${REFUSAL_HEADER.toLowerCase()};`,
        `auth_request_set $node_group $upstream_http_${GROUP_HEADER.toLowerCase()};`,
      ]
    : [];

/** The header with the group of the node, in place of what a client says. */
export function groupHeaderDirectives(config: GuardConfig, backend: IngressBackend): string[] {
  const { authentication } = config;
  if (!authentication.certificates) return [];
  const isAsked = requiresClientCertificate(authentication, backend) && checksNodeAdmission(config);
  return [`proxy_set_header ${CERTIFIED_GROUP_HEADER} ${isAsked ? '$node_group' : '""'};`];
}

/** The program and its last answers, which are used while it is away. */
export function admissionUpstream({ admissionAddress }: GuardConfig): string[] {
  if (!admissionAddress) return [];
  return [
    '',
    indentLines(
      2,
      `proxy_cache_path /tmp/admissions keys_zone=${ADMISSION}:2m max_size=16m inactive=1h use_temp_path=off;`,
      ...nginxBlock(`upstream ${ADMISSION}`, `server ${admissionAddress};`, 'keepalive 4;'),
    ),
  ];
}

/**
 * Responses of the program are cached. While it is unavailable, its last response about the node or the fault counts,
 * otherwise the certificate alone: cutting off the whole fleet would be worse than one node that is not cut off.
 */
export function nodeAdmissionLocation({ admissionAddress }: GuardConfig): string[][] {
  const [node, end, fault] = [NODE_HEADER, END_HEADER, FAULT_HEADER].map(headerVariable);
  if (!admissionAddress) return [nginxBlock('location @admitted', 'return 204;')];
  return [
    nginxBlock(
      'location @admitted',
      `set $asked "${node}${fault}";`,
      ...nginxBlock('if ($asked = "")', 'return 204;'),
      `proxy_pass http://${ADMISSION};`,
      'proxy_set_header Connection "";',
      'proxy_connect_timeout 1s;',
      'proxy_read_timeout 2s;',
      'proxy_intercept_errors on;',
      'error_page 500 502 503 504 = @unanswered;',
      `proxy_cache ${ADMISSION};`,
      `proxy_cache_key "${node} ${fault} ${end}";`,
      'proxy_cache_valid 204 5s;',
      // Each refusal is counted, up to one a second of each node.
      'proxy_cache_valid 401 1s;',
      'proxy_cache_use_stale error timeout updating http_500 http_503;',
    ),
    nginxBlock('location @unanswered', ...nginxBlock(`if (${node} = "")`, 'return 401;'), 'return 204;'),
  ];
}

/** Directives of a location that has the program count a certificate which nginx refused by itself. */
export const countFaultDirective = ({ admissionAddress }: GuardConfig): string[] =>
  admissionAddress ? [`auth_request ${FAULT_PATH};`] : [];

/** The internal request that does so; its answer changes nothing. */
export function faultLocation(config: GuardConfig, count: readonly string[]): string[] {
  if (!config.admissionAddress) return [];
  return [
    '',
    indentLines(
      4,
      ...nginxBlock(
        `location = ${FAULT_PATH}`,
        'internal;',
        ...count,
        'proxy_intercept_errors on;',
        'error_page 401 500 502 503 504 = @counted;',
      ),
      ...nginxBlock('location @counted', 'return 204;'),
    ),
  ];
}
