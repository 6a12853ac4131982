import { type IngressBackend, REFUSED_STATUS_HEADER } from '../contracts/endpoint';
import { answer, block, lines } from '../core/nginx-syntax';
import { bytes } from '../core/units';
import { showsCertificates } from './authentication';
import { asksAboutNodes, countFault } from './guard-node-admission';
import type { GuardConfig } from './guard-options';
import { knowsSenders, TOO_OFTEN, tooOften } from './guard-users';

/** Docker blocks while its driver retries, so its driver gets the intended status. */
const DOCKER_DRIVER = '[?&]client=docker-driver(&|$)';

const UNKNOWN_USER = 'wrong user or password';
const NO_GROUP = 'the user does not belong to a group that may push here';

/** Returns the error pages of a location. */
export function errorPages(config: GuardConfig, backend: IngressBackend): string[] {
  const kind = backend.pushes?.retriesRefusedUsers ? 'retried' : 'refused';
  const known = knowsSenders(config);
  const unknown = showsCertificates(config.authentication, backend) ? 'node' : '401';
  return [
    ...(known ? [`error_page 401 = @${kind}-${unknown};`, `error_page 403 = @${kind}-403;`] : []),
    'error_page 413 = @refused-413;',
    ...(known && config.rateLimit ? ['error_page 429 = @refused-429;'] : []),
  ];
}

/** Returns the locations that answer refused requests with the reason. */
export function refusals(config: GuardConfig): string[] {
  const { rateLimit, backends, maxBodySize } = config;
  const known = knowsSenders(config);
  const retried = backends.some(({ pushes }) => pushes?.retriesRefusedUsers);
  return [
    ...(known ? ['', '    set $refused "";'] : []),
    ...(known ? named('refused-401', answer(401, UNKNOWN_USER)) : []),
    ...(known ? named('refused-403', ...tooOften(config), answer(403, NO_GROUP)) : []),
    ...(known && retried ? named('retried-401', ...later(401, UNKNOWN_USER)) : []),
    ...(known && retried ? named('retried-403', ...tooOften(config), ...later(403, NO_GROUP)) : []),
    ...certificateRefusals(config, retried),
    ...named('refused-413', answer(413, `the body is larger than ${bytes(maxBodySize)} bytes`)),
    ...(known && rateLimit ? named('refused-429', answer(429, TOO_OFTEN)) : []),
  ];
}

/** nginx sends 400 for a certificate that is not valid, at which agents drop what they send. */
function certificateRefusals(config: GuardConfig, retried: boolean): string[] {
  const { authentication, certificateReport } = config;
  if (!authentication.certificates) return [];
  const reason = asksAboutNodes(config) ? '$refusal_text' : '$fault_text';
  const invalid = `the certificate is refused: ${certificateReport.variable}`;
  return [
    ...named('refused-node', answer(401, reason)),
    ...(retried ? named('retried-node', ...later(401, reason)) : []),
    ...named('invalid-certificate', ...countFault(config), 'try_files /-/none @refused-certificate;'),
    // It may come before the server has set the variable.
    ...named(
      'refused-certificate',
      ...(retried ? later(401, invalid) : ['set $refused "";', answer(401, invalid)]),
    ),
  ];
}

/** Answers 503, which makes agents retry; the log and a header contain the intended status. */
const later = (status: number, reason: string): string[] => [
  ...block(`if ($request_uri ~ "${DOCKER_DRIVER}")`, answer(status, reason)),
  `set $refused ${status};`,
  `add_header ${REFUSED_STATUS_HEADER} ${status} always;`,
  answer(503, `${reason} (${status}, answered with 503 so that nothing is dropped)`),
];

const named = (name: string, ...directives: readonly string[]): string[] => [
  '',
  lines(4, ...block(`location @${name}`, ...directives)),
];
