import { type IngressBackend, REFUSED_STATUS_HEADER } from '../contracts/endpoint';
import { errorResponseDirective, indentLines, nginxBlockLines } from '../core/nginx-syntax';
import { toBytes } from '../core/units';
import { acceptsClientCertificates } from './authentication';
import { directivesReportingBadCertificateToAdmission, guardAsksNodeAdmission } from './guard-node-admission';
import type { GuardConfig } from './guard-options';
import { canGuardIdentifyClients, RATE_LIMIT_EXCEEDED, rateLimitRefusalDirectives } from './guard-users';

/**
 * Regular expression for the URLs that Docker's log driver pushes to. For other agents, the guard replaces a status
 * such as 401 by 503. The driver gets the original status, because containers block while the driver retries.
 */
const DOCKER_DRIVER = '[?&]client=docker-driver(&|$)';

const UNKNOWN_USER_MESSAGE = 'wrong user or password';
const NO_GROUP_MESSAGE = 'the user does not belong to a group that may push here';

/**
 * Returns the nginx directives `error_page` that send refused requests of a backend to the locations with the error
 * messages.
 */
export function errorPageDirectives(config: GuardConfig, backend: IngressBackend): string[] {
  const kind = backend.pushes?.retriesRefusedUsers ? 'retried' : 'refused';
  const known = canGuardIdentifyClients(config);
  const unknown = acceptsClientCertificates(config.authentication, backend) ? 'node' : '401';
  return [
    ...(known ? [`error_page 401 = @${kind}-${unknown};`, `error_page 403 = @${kind}-403;`] : []),
    'error_page 413 = @refused-413;',
    ...(known && config.rateLimit ? ['error_page 429 = @refused-429;'] : []),
  ];
}

/** Returns the nginx locations that respond to refused requests with an error message. */
export function refusalLocationBlocks(config: GuardConfig): string[] {
  const { rateLimit, backends, maxBodySize } = config;
  const known = canGuardIdentifyClients(config);
  const retried = backends.some(({ pushes }) => pushes?.retriesRefusedUsers);
  return [
    ...(known ? ['', '    set $refused "";'] : []),
    ...(known ? namedLocationBlock('refused-401', errorResponseDirective(401, UNKNOWN_USER_MESSAGE)) : []),
    ...(known
      ? namedLocationBlock(
          'refused-403',
          ...rateLimitRefusalDirectives(config),
          errorResponseDirective(403, NO_GROUP_MESSAGE),
        )
      : []),
    ...(known && retried
      ? namedLocationBlock('retried-401', ...retryableRefusalDirectives(401, UNKNOWN_USER_MESSAGE))
      : []),
    ...(known && retried
      ? namedLocationBlock(
          'retried-403',
          ...rateLimitRefusalDirectives(config),
          ...retryableRefusalDirectives(403, NO_GROUP_MESSAGE),
        )
      : []),
    ...certificateRefusalLocationBlocks(config, retried),
    ...namedLocationBlock(
      'refused-413',
      errorResponseDirective(413, `the body is larger than ${toBytes(maxBodySize)} bytes`),
    ),
    ...(known && rateLimit
      ? namedLocationBlock('refused-429', errorResponseDirective(429, RATE_LIMIT_EXCEEDED))
      : []),
  ];
}

/**
 * Returns the nginx locations that respond to refused client certificates with 401 or, for agents that retry, with
 * 503. nginx's own response to an invalid certificate is 400, after which agents drop their data. Returns an empty
 * list if nodes use no certificates.
 * @param retried whether a backend has agents that retry after a refusal (`retriesRefusedUsers`)
 */
function certificateRefusalLocationBlocks(config: GuardConfig, retried: boolean): string[] {
  const { authentication, certificateReport } = config;
  if (!authentication.certificates) return [];
  const reason = guardAsksNodeAdmission(config) ? '$refusal_text' : '$fault_text';
  const invalid = `the client certificate is invalid: ${certificateReport.variable}`;
  return [
    ...namedLocationBlock('refused-node', errorResponseDirective(401, reason)),
    ...(retried ? namedLocationBlock('retried-node', ...retryableRefusalDirectives(401, reason)) : []),
    ...namedLocationBlock(
      'invalid-certificate',
      ...directivesReportingBadCertificateToAdmission(config),
      'try_files /-/none @refused-certificate;',
    ),
    // This location can run before the server block has set the variable $refused.
    ...namedLocationBlock(
      'refused-certificate',
      ...(retried
        ? retryableRefusalDirectives(401, invalid)
        : ['set $refused "";', errorResponseDirective(401, invalid)]),
    ),
  ];
}

/**
 * Returns the directives that respond with 503, so that agents retry. The access log and a response header contain
 * the original status. Docker's log driver gets the original status, because containers block while the driver retries.
 * @param status original status of the refusal, such as 401
 */
const retryableRefusalDirectives = (status: number, reason: string): string[] => [
  ...nginxBlockLines(`if ($request_uri ~ "${DOCKER_DRIVER}")`, errorResponseDirective(status, reason)),
  `set $refused ${status};`,
  `add_header ${REFUSED_STATUS_HEADER} ${status} always;`,
  errorResponseDirective(503, `${reason} (${status}, sent as 503 so that agents retry)`),
];

const namedLocationBlock = (name: string, ...directives: readonly string[]): string[] => [
  '',
  indentLines(4, ...nginxBlockLines(`location @${name}`, ...directives)),
];
