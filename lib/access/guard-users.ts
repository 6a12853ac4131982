import type { IngressBackend } from '../contracts/endpoint';
import { usersOfGroup } from '../core/groups';
import { answer, block, lines, quoted } from '../core/nginx-syntax';
import { withDerived } from '../core/option-table';
import { showsCertificates, takesPasswords } from './authentication';
import { nodes } from './guard-certificates';
import { admissionUpstream, askedNodes, faults, keptRefusal, nodeHeaders } from './guard-node-admission';
import { type GuardConfig, type GuardUsers, RATE_LIMIT, type RateLimit } from './guard-options';

/**
 * Path of the internal check whether a user may push. It runs after the password check, so that guesses learn
 * nothing.
 */
const ADMISSION_PATH = '/-/admission';

/** The same where only nodes may push, by their certificates. */
const NODE_ADMISSION_PATH = '/-/admission-of-nodes';

/**
 * Loopback address of the server that counts requests of authenticated users. It is not a Unix socket, whose
 * file would survive a crash and prevent nginx from starting.
 */
const LIMIT_ADDRESS = '127.0.0.1:8081';

/** User names that every backend supports; others are treated as unknown. */
const USER_NAME = "^[A-Za-z0-9!_.*'()-]{1,150}$";

/** Returns the maps for the user's name and group; `$of_group` is the group for the log. */
export function users(config: GuardConfig): string[] {
  const { users: known, authentication, groups } = config;
  const { certificates } = authentication;
  const user = certificates ? '$password_user' : '$user';
  return [
    ...nodes(config),
    ...(known ? passwordUser(known, user) : []),
    ...(certificates ? block('map $node $user', `"" ${known ? user : '""'};`, 'default $node;') : []),
    ...(known && groups ? groupOf(groups) : []),
  ];
}

function passwordUser(known: GuardUsers, variable: string): string[] {
  const claimed = 'header' in known ? variableOf(known.header) : '$remote_user';
  return block(`map ${claimed} ${variable}`, `"~${USER_NAME}" ${claimed};`, 'default "";');
}

/** Whether it knows by name who pushes. */
export const knowsSenders = ({ users: known, authentication }: GuardConfig): boolean =>
  known !== undefined || authentication.certificates !== undefined;

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
export function rateLimits(config: GuardConfig): string[] {
  const { users: known, rateLimit } = config;
  if (!knowsSenders(config) || !rateLimit) return [];
  const rate = `rate=${rateLimit.requestsPerSecond}r/s`;
  return [
    ...(known && 'file' in known
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
export function access(config: GuardConfig, backend: IngressBackend): string[] {
  const { users: known, rateLimit } = config;
  if (!knowsSenders(config)) return [];
  const byPassword = takesPasswords(config.authentication, backend);
  const realm = showsCertificates(config.authentication, backend) ? () => '$realm' : quoted;
  return [
    ...(byPassword && known && 'file' in known
      ? [
          ...(rateLimit ? [`limit_req zone=credentials burst=${burst(rateLimit)} nodelay;`] : []),
          `auth_basic ${realm(known.realm)};`,
          `auth_basic_user_file ${known.file};`,
        ]
      : []),
    `auth_request ${byPassword ? ADMISSION_PATH : NODE_ADMISSION_PATH};`,
    ...(rateLimit ? ['auth_request_set $counted $upstream_status;'] : []),
    ...(showsCertificates(config.authentication, backend) ? keptRefusal(config) : []),
  ];
}

export function admission(config: GuardConfig): string[] {
  const { authentication, groups } = config;
  if (!knowsSenders(config)) return [];
  return [
    ...admissionAt(ADMISSION_PATH, config, '""', [
      ...block('if ($user = "")', 'return 401;'),
      ...(groups ? block('if ($group = "")', 'return 403;') : []),
    ]),
    ...(authentication.certificates
      ? admissionAt(
          NODE_ADMISSION_PATH,
          config,
          '$certificate_fault',
          // The program counts who names no node, too.
          config.admissionAddress ? [] : block('if ($node = "")', 'return 401;'),
        )
      : []),
    ...faults(config, count(config, '$certificate_fault')),
  ];
}

function admissionAt(path: string, config: GuardConfig, fault: string, checks: readonly string[]): string[] {
  const next = countsRequests(config) ? count(config, fault) : ['return 204;'];
  return ['', lines(4, ...block(`location = ${path}`, 'internal;', ...checks, ...next))];
}

const countsRequests = ({ rateLimit, admissionAddress }: GuardConfig): boolean =>
  rateLimit !== undefined || admissionAddress !== undefined;

/** Only names are passed to the counting server. */
const count = (config: GuardConfig, fault: string): string[] => [
  `proxy_pass http://${LIMIT_ADDRESS}/;`,
  'proxy_pass_request_headers off;',
  'proxy_pass_request_body off;',
  'proxy_set_header Content-Length "";',
  'proxy_set_header User $user;',
  ...nodeHeaders(config, fault),
];

/**
 * Returns a separate server that counts requests, since nginx applies rate limits before it checks passwords, and then asks
 * whether the node may push. It refuses too many requests with 403, since `auth_request` does not support 429; `try_files` responds after the limit is
 * applied, `return` would respond before.
 */
export function limitServer(config: GuardConfig): string[] {
  const { rateLimit } = config;
  if (!knowsSenders(config) || !countsRequests(config)) return [];
  const limits = rateLimit ? [`limit_req zone=users burst=${burst(rateLimit)} nodelay;`] : [];
  return [
    ...admissionUpstream(config),
    '',
    lines(
      2,
      ...block(
        'server',
        `listen ${LIMIT_ADDRESS};`,
        'access_log off;',
        ...(rateLimit ? ['limit_req_status 403;'] : []),
        ...block('location /', ...limits, 'try_files /-/none @admitted;'),
        ...askedNodes(config).flat(),
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
