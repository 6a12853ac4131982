import { usersOfGroup } from '../core/groups';
import { withDerived } from '../core/option-table';
import { type GuardConfig, RATE_LIMIT, type RateLimit } from './guard-options';
import { answer, block, lines, quoted } from './nginx-syntax';

/** Where it asks itself whether a user may push: after the password was checked, so that guesses learn nothing. */
const ADMISSION_PATH = '/-/admission';

/**
 * Where it counts the requests of users whose password was checked, on the pod's loopback address. A socket in a
 * folder would survive a crash, and keep nginx from starting again.
 */
const LIMIT_ADDRESS = '127.0.0.1:8081';

/** Users whom every backend can name; anybody else is nobody. */
const USER_NAME = "^[A-Za-z0-9!_.*'()-]{1,150}$";

/** Who the user is, and of which group; `$of_group` is what the log says of that. */
export function users({ users: known, groups }: GuardConfig): string[] {
  if (!known) return [];
  const claimed = 'header' in known ? variableOf(known.header) : '$remote_user';
  return [
    ...block(`map ${claimed} $user`, `"~${USER_NAME}" ${claimed};`, 'default "";'),
    ...(groups ? groupOf(groups) : []),
  ];
}

function groupOf(groups: readonly string[]): string[] {
  return [
    ...block(
      'map $user $group',
      ...groups.map((group) => `"~${usersOfGroup(group)}" ${group};`),
      'default "";',
    ),
    ...block('map $group $of_group', '"" " of no group";', 'default " of group $group";'),
  ];
}

/** nginx's variable of a request header. */
const variableOf = (header: string): string => `$http_${header.toLowerCase().replaceAll('-', '_')}`;

/**
 * Requests are counted twice where the guard checks passwords. Before the check, by the password that is sent, so that
 * one which comes over and over costs no hash each time; after it, by the user.
 */
export function rateLimits({ users: known, rateLimit }: GuardConfig): string[] {
  if (!known || !rateLimit) return [];
  const rate = `rate=${rateLimit.requestsPerSecond}r/s`;
  return [
    ...('file' in known
      ? [
          ...block('map $http_authorization $credentials', '"~*^basic +([^ ]+)" $1;', 'default "";'),
          `limit_req_zone $credentials zone=credentials:10m ${rate};`,
        ]
      : []),
    `limit_req_zone $http_user zone=users:10m ${rate};`,
    'limit_req_status 429;',
  ];
}

/** What comes in through a location: those who are somebody, and not too often. */
export function access({ users: known, rateLimit }: GuardConfig): string[] {
  if (!known) return [];
  return [
    ...('file' in known
      ? [
          ...(rateLimit ? [`limit_req zone=credentials burst=${burst(rateLimit)} nodelay;`] : []),
          `auth_basic ${quoted(known.realm)};`,
          `auth_basic_user_file ${known.file};`,
        ]
      : []),
    `auth_request ${ADMISSION_PATH};`,
    ...(rateLimit ? ['auth_request_set $counted $upstream_status;'] : []),
  ];
}

export function admission({ users: known, groups, rateLimit }: GuardConfig): string[] {
  if (!known) return [];
  return [
    '',
    lines(
      4,
      ...block(
        `location = ${ADMISSION_PATH}`,
        'internal;',
        ...block('if ($user = "")', 'return 401;'),
        ...(groups ? block('if ($group = "")', 'return 403;') : []),
        ...(rateLimit ? count : ['return 204;']),
      ),
    ),
  ];
}

/** Nothing of the request goes to where it is counted, but whose it is. */
const count = [
  `proxy_pass http://${LIMIT_ADDRESS}/;`,
  'proxy_pass_request_headers off;',
  'proxy_pass_request_body off;',
  'proxy_set_header Content-Length "";',
  'proxy_set_header User $user;',
];

/**
 * A server of its own, as nginx counts before it checks passwords. It refuses with 403, since `auth_request` knows no
 * 429; `try_files` answers after the count, where `return` would before.
 */
export function limitServer({ users: known, rateLimit }: GuardConfig): string[] {
  if (!known || !rateLimit) return [];
  return [
    '',
    lines(
      2,
      ...block(
        'server',
        `listen ${LIMIT_ADDRESS};`,
        'access_log off;',
        'limit_req_status 403;',
        ...block(
          'location /',
          `limit_req zone=users burst=${burst(rateLimit)} nodelay;`,
          'try_files /-/none @admitted;',
        ),
        ...block('location @admitted', 'return 204;'),
      ),
    ),
  ];
}

const burst = (limit: RateLimit): number => withDerived('rateLimit', limit, RATE_LIMIT).burst;

/** Tells who is of no group from who pushes too often. */
export const tooOften = ({ rateLimit }: GuardConfig): string[] =>
  rateLimit ? block('if ($counted = 403)', answer(429, TOO_OFTEN)) : [];

/** What somebody reads who is over the limit. */
export const TOO_OFTEN = 'this user pushes more often than its limit allows: try again later';
