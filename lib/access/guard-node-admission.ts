import { CERTIFIED_GROUP_HEADER, type IngressBackend } from '../contracts/endpoint';
import {
  END_HEADER,
  FAULT_HEADER,
  GROUP_HEADER,
  NODE_HEADER,
  REFUSAL_HEADER,
} from '../contracts/node-admission';
import { indentLines, nginxBlockLines, requestHeaderVariable } from '../core/nginx-syntax';
import { acceptsClientCertificates } from './authentication';
import type { GuardConfig } from './guard-options';

/** Name of the upstream of the admission program, and of the cache zone with its responses. */
const ADMISSION_UPSTREAM = 'node-admission';

/**
 * Path of the internal request that reports a certificate which nginx itself refused, so that the admission
 * program counts it.
 */
const FAULT_PATH = '/-/certificate-fault';

/**
 * Returns the nginx directives that pass three values to the admission program, each in a request header. Returns an
 * empty list without an admission program. The values are:
 * - the name of the node
 * - the end of the validity of the node's certificate
 * - nginx's reason to refuse the certificate
 * @param fault nginx value with the reason of the refusal; empty for a valid certificate
 */
export const directivesSettingAdmissionRequestHeaders = (
  { admissionAddress }: GuardConfig,
  fault: string,
): string[] =>
  admissionAddress
    ? [
        `proxy_set_header ${NODE_HEADER} $node;`,
        `proxy_set_header ${END_HEADER} $certificate_end;`,
        `proxy_set_header ${FAULT_HEADER} ${fault};`,
      ]
    : [];

/**
 * Returns whether the guard asks the admission program about nodes. Only use the variables with the program's response
 * if the result is true. Otherwise, no location sets these variables, and nginx would not start.
 */
export const guardAsksNodeAdmission = ({
  admissionAddress,
  authentication,
  backends,
}: GuardConfig): boolean =>
  admissionAddress !== undefined &&
  backends.some((backend) => acceptsClientCertificates(authentication, backend));

/**
 * Returns the directives that store the admission program's response in variables: the reason of a refusal, and the
 * group of an admitted node. Returns an empty list without an admission program.
 */
export const directivesStoringNodeAdmissionResponse = (config: GuardConfig): string[] =>
  guardAsksNodeAdmission(config)
    ? [
        `auth_request_set $node_refusal $upstream_http_${REFUSAL_HEADER.toLowerCase()};`,
        `auth_request_set $node_group $upstream_http_${GROUP_HEADER.toLowerCase()};`,
      ]
    : [];

/**
 * Returns the directive that sets the request header with the group of the node. A header with the same name from a
 * client is overwritten. The header is empty without an admission program, and for backends that nodes do not push to.
 * Returns an empty list if nodes use no certificates.
 */
export function nodeGroupHeaderDirectives(config: GuardConfig, backend: IngressBackend): string[] {
  const { authentication } = config;
  if (!authentication.certificates) return [];
  const isAsked = acceptsClientCertificates(authentication, backend) && guardAsksNodeAdmission(config);
  return [`proxy_set_header ${CERTIFIED_GROUP_HEADER} ${isAsked ? '$node_group' : '""'};`];
}

/**
 * Returns the upstream of the admission program, and the cache for its responses. nginx uses cached responses while
 * the program is unavailable. Returns an empty list without an admission program.
 */
export function nodeAdmissionUpstreamAndCache({ admissionAddress }: GuardConfig): string[] {
  if (!admissionAddress) return [];
  return [
    '',
    indentLines(
      2,
      `proxy_cache_path /tmp/admissions keys_zone=${ADMISSION_UPSTREAM}:2m max_size=16m inactive=1h use_temp_path=off;`,
      ...nginxBlockLines(`upstream ${ADMISSION_UPSTREAM}`, `server ${admissionAddress};`, 'keepalive 4;'),
    ),
  ];
}

/**
 * Returns the nginx locations that ask the admission program whether a node may push. While the program is
 * unavailable, the guard uses the last cached response about the node. Without a cached response, a valid certificate
 * is enough, because an outage of the program must not cut off the whole fleet. Without an admission program, returns
 * a location that admits every node.
 */
export function nodeAdmissionLocationBlocks({ admissionAddress }: GuardConfig): string[][] {
  const [node, end, fault] = [NODE_HEADER, END_HEADER, FAULT_HEADER].map(requestHeaderVariable);
  if (!admissionAddress) return [nginxBlockLines('location @admitted', 'return 204;')];
  return [
    nginxBlockLines(
      'location @admitted',
      `set $asked "${node}${fault}";`,
      ...nginxBlockLines('if ($asked = "")', 'return 204;'),
      `proxy_pass http://${ADMISSION_UPSTREAM};`,
      'proxy_set_header Connection "";',
      'proxy_connect_timeout 1s;',
      'proxy_read_timeout 2s;',
      'proxy_intercept_errors on;',
      'error_page 500 502 503 504 = @unanswered;',
      `proxy_cache ${ADMISSION_UPSTREAM};`,
      `proxy_cache_key "${node} ${fault} ${end}";`,
      'proxy_cache_valid 204 5s;',
      // The program counts refusals. The cache lets at most one refusal per node and second reach the program.
      'proxy_cache_valid 401 1s;',
      'proxy_cache_use_stale error timeout updating http_500 http_503;',
    ),
    nginxBlockLines(
      'location @unanswered',
      ...nginxBlockLines(`if (${node} = "")`, 'return 401;'),
      'return 204;',
    ),
  ];
}

/**
 * Returns the directive that reports a client certificate to the admission program after nginx itself has refused
 * the certificate. Returns an empty list without an admission program.
 */
export const directivesReportingBadCertificateToAdmission = ({ admissionAddress }: GuardConfig): string[] =>
  admissionAddress ? [`auth_request ${FAULT_PATH};`] : [];

/**
 * Returns the nginx location that reports a refused client certificate to the admission program, which counts it.
 * nginx ignores the program's response, so the report does not change the response to the client. Returns an empty
 * list without an admission program.
 * @param report directives that forward the report to the program
 */
export function locationReportingBadCertificateToAdmission(
  config: GuardConfig,
  report: readonly string[],
): string[] {
  if (!config.admissionAddress) return [];
  return [
    '',
    indentLines(
      4,
      ...nginxBlockLines(
        `location = ${FAULT_PATH}`,
        'internal;',
        ...report,
        'proxy_intercept_errors on;',
        'error_page 401 500 502 503 504 = @counted;',
      ),
      ...nginxBlockLines('location @counted', 'return 204;'),
    ),
  ];
}
