import type { IngressBackend } from '../contracts/endpoint';
import { userNamePatternOfGroup } from '../core/groups';
import {
  errorResponseDirective,
  indentLines,
  nginxBlockLines,
  nginxString,
  requestHeaderVariable,
} from '../core/nginx-syntax';
import { withAllDefaults } from '../core/option-table';
import { acceptsClientCertificates, acceptsPasswords } from './authentication';
import { nginxMapsForClientCertificate } from './guard-certificates';
import {
  directivesSettingAdmissionRequestHeaders,
  directivesStoringNodeAdmissionResponse,
  locationReportingBadCertificateToAdmission,
  nodeAdmissionLocationBlocks,
  nodeAdmissionUpstreamAndCache,
} from './guard-node-admission';
import { type GuardConfig, type GuardUsers, RATE_LIMIT, type RateLimit } from './guard-options';

/**
 * Path of the internal request that checks whether a user may push. nginx sends this request only after the
 * password check. A client that guesses passwords therefore cannot see which users may push.
 */
const ADMISSION_PATH = '/-/admission';

/**
 * Path of the internal request that checks whether a node may push, for backends that only accept client
 * certificates.
 */
const NODE_ADMISSION_PATH = '/-/admission-of-nodes';

/**
 * Loopback address of the server that counts the requests of each user for the rate limit, and asks the admission
 * program. A Unix socket is not suitable: its file would remain after a crash and prevent nginx from starting.
 */
const ADMISSION_CHECK_SERVER_ADDRESS = '127.0.0.1:8081';

/**
 * Regular expression for user names that every backend supports. A user with any other name is treated as unknown.
 */
const USER_NAME_PATTERN = "^[A-Za-z0-9!_.*'()-]{1,150}$";

/**
 * Returns the nginx `map` blocks that set the variables `$user` and `$group` for each request. `$of_group` is the end
 * of a line in the access log, such as ` of group north`.
 */
export function nginxMapsForUserAndGroup(config: GuardConfig): string[] {
  const { users: known, authentication, groups } = config;
  const { certificates } = authentication;
  const user = certificates ? '$password_user' : '$user';
  return [
    ...nginxMapsForClientCertificate(config),
    ...(known ? nginxMapForBasicAuthUser(known, user) : []),
    ...(certificates
      ? nginxBlockLines('map $node $user', `"" ${known ? user : '""'};`, 'default $node;')
      : []),
    ...(known && groups ? nginxMapsForGroupOfUser(groups) : []),
  ];
}

function nginxMapForBasicAuthUser(known: GuardUsers, variable: string): string[] {
  const claimed = 'header' in known ? requestHeaderVariable(known.header) : '$remote_user';
  return nginxBlockLines(`map ${claimed} ${variable}`, `"~${USER_NAME_PATTERN}" ${claimed};`, 'default "";');
}

/** Returns whether the guard knows the name of the user or node that sends a request. */
export const canGuardIdentifyClients = ({ users: known, authentication }: GuardConfig): boolean =>
  known !== undefined || authentication.certificates !== undefined;

function nginxMapsForGroupOfUser(groups: readonly string[]): string[] {
  return [
    ...nginxBlockLines(
      'map $user $group',
      ...groups.map((group) => `"~${userNamePatternOfGroup(group)}" ${group};`),
      'default "";',
    ),
    ...nginxBlockLines('map $group $of_group', '"" " of no group";', 'default " of group $group";'),
  ];
}

/**
 * Returns the nginx zones (`limit_req_zone`) that count requests for the rate limit. If the guard checks passwords,
 * it counts each request twice. Before the password check, the guard counts requests by the sent user and password,
 * because each check costs a bcrypt hash. After the check, the guard counts requests by the user. Returns an empty
 * list without a rate limit.
 */
export function rateLimitZoneDirectives(config: GuardConfig): string[] {
  const { users: known, rateLimit } = config;
  if (!canGuardIdentifyClients(config) || !rateLimit) return [];
  const rate = `rate=${rateLimit.requestsPerSecond}r/s`;
  return [
    ...(known && 'file' in known
      ? [
          ...nginxBlockLines(
            'map $http_authorization $credentials',
            '"~*^basic +([^ ]+)" $1;',
            'default "";',
          ),
          `limit_req_zone $credentials zone=credentials:10m ${rate};`,
        ]
      : []),
    `limit_req_zone $http_user zone=users:10m ${rate};`,
    'limit_req_status 429;',
  ];
}

/**
 * Returns the directives that restrict an nginx location to known users and nodes, and apply the rate limit. Returns an
 * empty list if the guard knows neither users nor nodes.
 */
export function accessControlDirectives(config: GuardConfig, backend: IngressBackend): string[] {
  const { users: known, rateLimit } = config;
  if (!canGuardIdentifyClients(config)) return [];
  const byPassword = acceptsPasswords(config.authentication, backend);
  const realm = acceptsClientCertificates(config.authentication, backend) ? () => '$realm' : nginxString;
  return [
    ...(byPassword && known && 'file' in known
      ? [
          ...(rateLimit
            ? [`limit_req zone=credentials burst=${rateLimitBurstOrDefault(rateLimit)} nodelay;`]
            : []),
          `auth_basic ${realm(known.realm)};`,
          `auth_basic_user_file ${known.file};`,
        ]
      : []),
    `auth_request ${byPassword ? ADMISSION_PATH : NODE_ADMISSION_PATH};`,
    ...(rateLimit ? ['auth_request_set $counted $upstream_status;'] : []),
    ...(acceptsClientCertificates(config.authentication, backend)
      ? directivesStoringNodeAdmissionResponse(config)
      : []),
  ];
}

/**
 * Returns the internal nginx locations that check whether a user or a node may push, and the location that reports
 * refused certificates. Returns an empty list if the guard knows neither users nor nodes.
 */
export function pushPermissionLocationBlocks(config: GuardConfig): string[] {
  const { authentication, groups } = config;
  if (!canGuardIdentifyClients(config)) return [];
  return [
    ...pushPermissionLocationBlock(ADMISSION_PATH, config, '""', [
      ...nginxBlockLines('if ($user = "")', 'return 401;'),
      ...(groups ? nginxBlockLines('if ($group = "")', 'return 403;') : []),
    ]),
    ...(authentication.certificates
      ? pushPermissionLocationBlock(
          NODE_ADMISSION_PATH,
          config,
          '$certificate_fault',
          // With an admission program, requests without a node name continue, so that the program counts them.
          config.admissionAddress ? [] : nginxBlockLines('if ($node = "")', 'return 401;'),
        )
      : []),
    ...locationReportingBadCertificateToAdmission(
      config,
      directivesThatAskAdmissionServer(config, '$certificate_fault'),
    ),
  ];
}

function pushPermissionLocationBlock(
  path: string,
  config: GuardConfig,
  fault: string,
  checks: readonly string[],
): string[] {
  const next = hasRateLimitOrNodeAdmission(config)
    ? directivesThatAskAdmissionServer(config, fault)
    : ['return 204;'];
  return ['', indentLines(4, ...nginxBlockLines(`location = ${path}`, 'internal;', ...checks, ...next))];
}

const hasRateLimitOrNodeAdmission = ({ rateLimit, admissionAddress }: GuardConfig): boolean =>
  rateLimit !== undefined || admissionAddress !== undefined;

/**
 * Returns the directives that forward an internal request to the admission check server. The forwarded request contains
 * the user and, for the admission program, the node and its certificate. It contains no body and no headers of the
 * client.
 * @param fault nginx value with the reason for which nginx refused the certificate
 */
const directivesThatAskAdmissionServer = (config: GuardConfig, fault: string): string[] => [
  `proxy_pass http://${ADMISSION_CHECK_SERVER_ADDRESS}/;`,
  'proxy_pass_request_headers off;',
  'proxy_pass_request_body off;',
  'proxy_set_header Content-Length "";',
  'proxy_set_header User $user;',
  ...directivesSettingAdmissionRequestHeaders(config, fault),
];

/**
 * Returns a second nginx server that applies the rate limit, and then asks the admission program about the node. nginx
 * applies rate limits before it checks passwords. In the main server, requests with a wrong password would therefore
 * use up the limit of the user. The second server refuses requests above the limit with 403, because `auth_request`
 * does not support 429. This server responds with `try_files`, because `return` would respond before nginx applies the
 * limit. Returns an empty list if the guard cannot identify clients, or has no rate limit and no admission program.
 */
export function serverBlockForRateLimitAndNodeAdmission(config: GuardConfig): string[] {
  const { rateLimit } = config;
  if (!canGuardIdentifyClients(config) || !hasRateLimitOrNodeAdmission(config)) return [];
  const limits = rateLimit
    ? [`limit_req zone=users burst=${rateLimitBurstOrDefault(rateLimit)} nodelay;`]
    : [];
  return [
    ...nodeAdmissionUpstreamAndCache(config),
    '',
    indentLines(
      2,
      ...nginxBlockLines(
        'server',
        `listen ${ADMISSION_CHECK_SERVER_ADDRESS};`,
        'access_log off;',
        ...(rateLimit ? ['limit_req_status 403;'] : []),
        ...nginxBlockLines('location /', ...limits, 'try_files /-/none @admitted;'),
        ...nodeAdmissionLocationBlocks(config).flat(),
      ),
    ),
  ];
}

const rateLimitBurstOrDefault = (limit: RateLimit): number =>
  withAllDefaults('rateLimit', limit, RATE_LIMIT).burst;

/**
 * Returns the directives that replace the status 403 by 429 if the rate limit refused the request. All other 403
 * responses are for users without a group. Returns an empty list without a rate limit.
 */
export const rateLimitRefusalDirectives = ({ rateLimit }: GuardConfig): string[] =>
  rateLimit ? nginxBlockLines('if ($counted = 403)', errorResponseDirective(429, RATE_LIMIT_EXCEEDED)) : [];

/** Error message for a user above the rate limit. */
export const RATE_LIMIT_EXCEEDED = 'this user exceeds its rate limit: try again later';
