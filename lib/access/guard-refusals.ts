import { type IngressBackend, REFUSED_STATUS_HEADER } from '../contracts/endpoint';
import { indentLines, nginxBlock, returnDirective } from '../core/nginx-syntax';
import { bytes } from '../core/units';
import { requiresClientCertificate } from './authentication';
import { checksNodeAdmission, countFaultDirective } from './guard-node-admission';
import type { GuardConfig } from './guard-options';
import { identifiesClients, rateLimitRefusal, TOO_OFTEN } from './guard-users';

/** Docker blocks while its driver retries, so its driver gets the intended status. */
const DOCKER_DRIVER = '[?&]client=docker-driver(&|$)';

const UNKNOWN_USER = 'wrong user or password';
const NO_GROUP = 'the user does not belong to a group that may push here';

/** Returns the error pages of a location. */
export function errorPageDirectives(config: GuardConfig, backend: IngressBackend): string[] {
  const kind = backend.pushes?.retriesRefusedUsers ? 'retried' : 'refused';
  const known = identifiesClients(config);
  const unknown = requiresClientCertificate(config.authentication, backend) ? 'node' : '401';
  return [
    ...(known ? [`error_page 401 = @${kind}-${unknown};`, `error_page 403 = @${kind}-403;`] : []),
    'error_page 413 = @refused-413;',
    ...(known && config.rateLimit ? ['error_page 429 = @refused-429;'] : []),
  ];
}

/** Returns the locations that answer refused requests with the reason. */
export function refusalLocations(config: GuardConfig): string[] {
  const { rateLimit, backends, maxBodySize } = config;
  const known = identifiesClients(config);
  const retried = backends.some(({ pushes }) => pushes?.retriesRefusedUsers);
  return [
    ...(known ? ['', '    set $refused "";'] : []),
    ...(known ? namedLocation('refused-401', returnDirective(401, UNKNOWN_USER)) : []),
    ...(known
      ? namedLocation('refused-403', ...rateLimitRefusal(config), returnDirective(403, NO_GROUP))
      : []),
    ...(known && retried ? namedLocation('retried-401', ...retryLater(401, UNKNOWN_USER)) : []),
    ...(known && retried
      ? namedLocation('retried-403', ...rateLimitRefusal(config), ...retryLater(403, NO_GROUP))
      : []),
    ...certificateRefusals(config, retried),
    ...namedLocation(
      'refused-413',
      returnDirective(413, `the body is larger than ${bytes(maxBodySize)} bytes`),
    ),
    ...(known && rateLimit ? namedLocation('refused-429', returnDirective(429, TOO_OFTEN)) : []),
  ];
}

/** nginx sends 400 for a certificate that is not valid, at which agents drop what they send. */
function certificateRefusals(config: GuardConfig, retried: boolean): string[] {
  const { authentication, certificateReport } = config;
  if (!authentication.certificates) return [];
  const reason = checksNodeAdmission(config) ? '$refusal_text' : '$fault_text';
  const invalid = `the certificate is refused: ${certificateReport.variable}`;
  return [
    ...namedLocation('refused-node', returnDirective(401, reason)),
    ...(retried ? namedLocation('retried-node', ...retryLater(401, reason)) : []),
    ...namedLocation(
      'invalid-certificate',
      ...countFaultDirective(config),
      'try_files /-/none @refused-certificate;',
    ),
    // It may come before the server has set the variable.
    ...namedLocation(
      'refused-certificate',
      ...(retried ? retryLater(401, invalid) : ['set $refused "";', returnDirective(401, invalid)]),
    ),
  ];
}

/** Answers 503, which makes agents retry; the log and a header contain the intended status. */
const retryLater = (status: number, reason: string): string[] => [
  ...nginxBlock(`if ($request_uri ~ "${DOCKER_DRIVER}")`, returnDirective(status, reason)),
  `set $refused ${status};`,
  `add_header ${REFUSED_STATUS_HEADER} ${status} always;`,
  returnDirective(503, `${reason} (${status}, answered with 503 so that nothing is dropped)`),
];

const namedLocation = (name: string, ...directives: readonly string[]): string[] => [
  '',
  indentLines(4, ...nginxBlock(`location @${name}`, ...directives)),
];
