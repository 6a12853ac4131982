import { usersOfGroup } from '../core/groups';
import { withDerived } from '../core/option-table';
import { type GuardConfig, RATE_LIMIT, type RateLimit } from './guard-options';
import { answer, block, lines, quoted } from './nginx-syntax';

/**
 * Path of the internal check whether a user may push. It runs after the password check, so that guesses learn
 * nothing.
 */
const ADMISSION_PATH = '/-/admission';

/**
 * Loopback address of the server that counts requests of authenticated users. It is not a Unix socket, whose
 * file would survive a crash and prevent nginx from starting.
 */
const LIMIT_ADDRESS = '127.0.0.1:8081';

/** User names that every backend supports; others are treated as unknown. */
const USER_NAME = "^[A-Za-z0-9!_.*'()-]{1,150}$";

/** Returns the maps for the user's name and group; `$of_group` is the group for the log. */
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

/** Returns nginx's variable of a request header. */
const variableOf = (header: string): string => `$http_${header.toLowerCase().replaceAll('-', '_')}`;

/**
 * Returns the zones of the rate limits. If the guard checks passwords, requests are counted twice: before the
 * check by the password that is sent, so that repeated attempts do not cost a hash each, and after it by the
 * user.
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

/** Returns the access rules of a location: only known users below their rate limit. */
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

/** Only the user's name is passed to the counting server. */
const count = [
  `proxy_pass http://${LIMIT_ADDRESS}/;`,
  'proxy_pass_request_headers off;',
  'proxy_pass_request_body off;',
  'proxy_set_header Content-Length "";',
  'proxy_set_header User $user;',
];

/**
 * Returns a separate server for counting, since nginx applies rate limits before it checks passwords. It
 * refuses with 403, since `auth_request` does not support 429; `try_files` responds after the limit is
 * applied, `return` would respond before.
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

/** Distinguishes users above the rate limit from users without a group. */
export const tooOften = ({ rateLimit }: GuardConfig): string[] =>
  rateLimit ? block('if ($counted = 403)', answer(429, TOO_OFTEN)) : [];

/** Error message for a user above the rate limit. */
export const TOO_OFTEN = 'this user pushes more often than its limit allows: try again later';
