import type { IngressBackend } from '../contracts/endpoint';
import { groupUserPattern } from '../core/groups';
import { indentLines, nginxBlock, nginxString, returnDirective } from '../core/nginx-syntax';
import { deriveDefaults } from '../core/option-table';
import { acceptsPasswords, requiresClientCertificate } from './authentication';
import { nodeMaps } from './guard-certificates';
import {
  admissionUpstream,
  faultLocation,
  nodeAdmissionLocation,
  nodeAnswerVariables,
  nodeHeaderDirectives,
} from './guard-node-admission';
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
export function userMaps(config: GuardConfig): string[] {
  const { users: known, authentication, groups } = config;
  const { certificates } = authentication;
  const user = certificates ? '$password_user' : '$user';
  return [
    ...nodeMaps(config),
    ...(known ? passwordUserMap(known, user) : []),
    ...(certificates ? nginxBlock('map $node $user', `"" ${known ? user : '""'};`, 'default $node;') : []),
    ...(known && groups ? groupMap(groups) : []),
  ];
}

function passwordUserMap(known: GuardUsers, variable: string): string[] {
  const claimed = 'header' in known ? requestHeaderVariable(known.header) : '$remote_user';
  return nginxBlock(`map ${claimed} ${variable}`, `"~${USER_NAME}" ${claimed};`, 'default "";');
}

/** Whether the guard identifies the client by name. */
export const identifiesClients = ({ users: known, authentication }: GuardConfig): boolean =>
  known !== undefined || authentication.certificates !== undefined;

function groupMap(groups: readonly string[]): string[] {
  return [
    ...nginxBlock(
      'map $user $group',
      ...groups.map((group) => `"~${groupUserPattern(group)}" ${group};`),
      'default "";',
    ),
    ...nginxBlock('map $group $of_group', '"" " of no group";', 'default " of group $group";'),
  ];
}

/** Returns nginx's variable of a request header. */
const requestHeaderVariable = (header: string): string =>
  `$http_${header.toLowerCase().replaceAll('-', '_')}`;

/**
 * Returns the zones of the rate limits. If the guard checks passwords, requests are counted twice: before the
 * check by the password that is sent, so that repeated attempts do not cost a hash each, and after it by the
 * user.
 */
export function rateLimitZones(config: GuardConfig): string[] {
  const { users: known, rateLimit } = config;
  if (!identifiesClients(config) || !rateLimit) return [];
  const rate = `rate=${rateLimit.requestsPerSecond}r/s`;
  return [
    ...(known && 'file' in known
      ? [
          ...nginxBlock('map $http_authorization $credentials', '"~*^basic +([^ ]+)" $1;', 'default "";'),
          `limit_req_zone $credentials zone=credentials:10m ${rate};`,
        ]
      : []),
    `limit_req_zone $http_user zone=users:10m ${rate};`,
    'limit_req_status 429;',
  ];
}

/** Returns the access rules of a location: only known users below their rate limit. */
export function accessDirectives(config: GuardConfig, backend: IngressBackend): string[] {
  const { users: known, rateLimit } = config;
  if (!identifiesClients(config)) return [];
  const byPassword = acceptsPasswords(config.authentication, backend);
  const realm = requiresClientCertificate(config.authentication, backend) ? () => '$realm' : nginxString;
  return [
    ...(byPassword && known && 'file' in known
      ? [
          ...(rateLimit ? [`limit_req zone=credentials burst=${burstOf(rateLimit)} nodelay;`] : []),
          `auth_basic ${realm(known.realm)};`,
          `auth_basic_user_file ${known.file};`,
        ]
      : []),
    `auth_request ${byPassword ? ADMISSION_PATH : NODE_ADMISSION_PATH};`,
    ...(rateLimit ? ['auth_request_set $counted $upstream_status;'] : []),
    ...(requiresClientCertificate(config.authentication, backend) ? nodeAnswerVariables(config) : []),
  ];
}

export function admissionLocations(config: GuardConfig): string[] {
  const { authentication, groups } = config;
  if (!identifiesClients(config)) return [];
  return [
    ...admissionLocation(ADMISSION_PATH, config, '""', [
      ...nginxBlock('if ($user = "")', 'return 401;'),
      ...(groups ? nginxBlock('if ($group = "")', 'return 403;') : []),
    ]),
    ...(authentication.certificates
      ? admissionLocation(
          NODE_ADMISSION_PATH,
          config,
          '$certificate_fault',
          // The program counts who names no node, too.
          config.admissionAddress ? [] : nginxBlock('if ($node = "")', 'return 401;'),
        )
      : []),
    ...faultLocation(config, countRequestDirectives(config, '$certificate_fault')),
  ];
}

function admissionLocation(
  path: string,
  config: GuardConfig,
  fault: string,
  checks: readonly string[],
): string[] {
  const next = countsRequests(config) ? countRequestDirectives(config, fault) : ['return 204;'];
  return ['', indentLines(4, ...nginxBlock(`location = ${path}`, 'internal;', ...checks, ...next))];
}

const countsRequests = ({ rateLimit, admissionAddress }: GuardConfig): boolean =>
  rateLimit !== undefined || admissionAddress !== undefined;

/** Only names are passed to the counting server. */
const countRequestDirectives = (config: GuardConfig, fault: string): string[] => [
  `proxy_pass http://${LIMIT_ADDRESS}/;`,
  'proxy_pass_request_headers off;',
  'proxy_pass_request_body off;',
  'proxy_set_header Content-Length "";',
  'proxy_set_header User $user;',
  ...nodeHeaderDirectives(config, fault),
];

/**
 * Returns a separate server that counts requests, since nginx applies rate limits before it checks passwords, and then asks
 * whether the node may push. It refuses too many requests with 403, since `auth_request` does not support 429; `try_files` responds after the limit is
 * applied, `return` would respond before.
 */
export function limitServer(config: GuardConfig): string[] {
  const { rateLimit } = config;
  if (!identifiesClients(config) || !countsRequests(config)) return [];
  const limits = rateLimit ? [`limit_req zone=users burst=${burstOf(rateLimit)} nodelay;`] : [];
  return [
    ...admissionUpstream(config),
    '',
    indentLines(
      2,
      ...nginxBlock(
        'server',
        `listen ${LIMIT_ADDRESS};`,
        'access_log off;',
        ...(rateLimit ? ['limit_req_status 403;'] : []),
        ...nginxBlock('location /', ...limits, 'try_files /-/none @admitted;'),
        ...nodeAdmissionLocation(config).flat(),
      ),
    ),
  ];
}

const burstOf = (limit: RateLimit): number => deriveDefaults('rateLimit', limit, RATE_LIMIT).burst;

/** Distinguishes users above the rate limit from users without a group. */
export const rateLimitRefusal = ({ rateLimit }: GuardConfig): string[] =>
  rateLimit ? nginxBlock('if ($counted = 403)', returnDirective(429, TOO_OFTEN)) : [];

/** Error message for a user above the rate limit. */
export const TOO_OFTEN = 'this user pushes more often than its limit allows: try again later';
