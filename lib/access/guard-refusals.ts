import { REFUSED_STATUS_HEADER } from '../contracts/endpoint';
import { bytes } from '../core/units';
import type { GuardConfig } from './guard-options';
import { TOO_OFTEN, tooOften } from './guard-users';
import { answer, block, lines } from './nginx-syntax';

/** Docker blocks while its driver retries, so its driver gets the intended status. */
const DOCKER_DRIVER = '[?&]client=docker-driver(&|$)';

const UNKNOWN_USER = 'wrong user or password';
const NO_GROUP = 'the user is of no group that may push here';

/** Returns the error pages of a location. */
export function errorPages({ users, rateLimit }: GuardConfig, retriesRefusedUsers = false): string[] {
  const kind = retriesRefusedUsers ? 'retried' : 'refused';
  return [
    ...(users ? [`error_page 401 = @${kind}-401;`, `error_page 403 = @${kind}-403;`] : []),
    'error_page 413 = @refused-413;',
    ...(users && rateLimit ? ['error_page 429 = @refused-429;'] : []),
  ];
}

/** Returns the locations that answer refused requests with the reason. */
export function refusals(config: GuardConfig): string[] {
  const { users, rateLimit, backends, maxBodySize } = config;
  const retried = backends.some(({ pushes }) => pushes?.retriesRefusedUsers);
  return [
    ...(users ? ['', '    set $refused "";'] : []),
    ...(users ? named('refused-401', answer(401, UNKNOWN_USER)) : []),
    ...(users ? named('refused-403', ...tooOften(config), answer(403, NO_GROUP)) : []),
    ...(users && retried ? named('retried-401', ...later(401, UNKNOWN_USER)) : []),
    ...(users && retried ? named('retried-403', ...tooOften(config), ...later(403, NO_GROUP)) : []),
    ...named('refused-413', answer(413, `the body is larger than ${bytes(maxBodySize)} bytes`)),
    ...(users && rateLimit ? named('refused-429', answer(429, TOO_OFTEN)) : []),
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
