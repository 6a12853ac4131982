import { STAMPED_NODE } from '../contracts/endpoint';
import { errorResponseDirective, indentLines, nginxBlockLines, nginxString } from '../core/nginx-syntax';
import type { CertificateReport } from './certificate-report';
import { guardAsksNodeAdmission } from './guard-node-admission';
import type { GuardConfig } from './guard-options';

/** nginx variables about the client certificate, for a guard that terminates TLS itself. */
export const GUARD_CERTIFICATE_REPORT: CertificateReport = {
  variable: '$ssl_client_verify $ssl_client_s_dn',
  verified: (subject) => `SUCCESS ${subject}`,
  end: '$ssl_client_v_end',
};

/**
 * Returns the nginx `map` blocks for variables about the client certificate: the name of the node, the reason of a
 * refusal, and values that depend on the name of the node. Returns an empty list if nodes use no certificates.
 */
export function nginxMapsForClientCertificate(config: GuardConfig): string[] {
  const { authentication, certificateReport: report, users } = config;
  if (!authentication.certificates) return [];
  const verified = nginxString(`~^${report.verified(authentication.certificates.subject)}$`);
  return [
    ...nginxBlockLines(`map ${nginxString(report.variable)} $node`, `${verified} $certified;`, 'default "";'),
    ...nginxBlockLines(
      `map ${nginxString(report.variable)} $certificate_fault`,
      `${verified} "";`,
      '"~^(NONE)? *$" no_certificate;',
      '"~^FAILED:certificate has expired" expired;',
      '"~^FAILED:certificate is not yet valid" not_yet_valid;',
      '"~^FAILED" foreign;',
      'default wrong_name;',
    ),
    ...nginxMapsForRefusalMessages(config),
    ...nginxBlockLines('map $node $node_query', '"" "";', `default extra_label=${STAMPED_NODE}=$node;`),
    // The variable $certificate_end is empty for certificates that are not verified. Anyone can create such
    // certificates, and each certificate would otherwise add an entry to the cache of the admission program's
    // responses.
    ...nginxBlockLines('map $node $certificate_end', '"" "";', `default ${report.end};`),
    ...(users && 'realm' in users
      ? nginxBlockLines('map $node $realm', `"" ${nginxString(users.realm)};`, 'default off;')
      : []),
    ...nginxMapForGroupingKeyOfOtherNode(config),
  ];
}

/** Returns the nginx `map` blocks for variables with the error messages to refused clients. */
function nginxMapsForRefusalMessages(config: GuardConfig): string[] {
  const remedy = config.authentication.passwords
    ? ', and the user or the password is wrong'
    : ': present the certificate of the node';
  const ofFault = nginxBlockLines(
    'map $certificate_fault $fault_text',
    `no_certificate "the client presented no certificate${remedy}";`,
    `wrong_name "the subject of the certificate contains no node name${remedy}";`,
    `default "the certificate is not valid${remedy}";`,
  );
  if (!guardAsksNodeAdmission(config)) return ofFault;
  return [
    ...ofFault,
    ...nginxBlockLines(
      'map $node_refusal $refusal_text',
      'denied "the node $node is denied";',
      'deleted "the node $node does not exist in the cluster";',
      'expired "the certificate of the node $node has expired";',
      'default $fault_text;',
    ),
  ];
}

/**
 * Returns the nginx `map` block that detects pushes with the grouping key of another node. A valid grouping key
 * contains the label `hostname` once and not in base64. Its value is the node name in the certificate. Returns an
 * empty list if nodes do not push to a Pushgateway.
 */
function nginxMapForGroupingKeyOfOtherNode({ backends }: GuardConfig): string[] {
  const prefixes = backends
    .filter(({ pushedByNodes, groupStamp }) => pushedByNodes && groupStamp === 'grouping-key')
    .map(({ basePath = '' }) => basePath.replaceAll('.', '\\.'));
  if (prefixes.length === 0) return [];
  const others = '(?:/(?!hostname[/@])[^/]+/[^/]+)*';
  const own = `([a-z0-9.-]+) (?:${prefixes.join('|')})/metrics/job(?:@base64)?/[^/]+${others}/hostname/\\1${others}`;
  return nginxBlockLines('map "$node $uri" $foreign_key', '"~^ " "";', `"~^${own}$" "";`, 'default 1;');
}

/** Directives that refuse a push with the grouping key of another node. */
export const foreignGroupingKeyRefusal = nginxBlockLines(
  'if ($foreign_key)',
  errorResponseDirective(
    403,
    'the certificate belongs to the node $node: the grouping key must contain the label hostname exactly once, with the name of this node',
  ),
);

/**
 * Returns the directives for the TLS session cache. Clients resume a session without sending their certificate again.
 * For a resumed session, nginx does not check whether the client's certificate has expired. The admission program
 * therefore checks the expiry for each request. If nodes use certificates and there is no admission program, the
 * cache is off. The cache holds about 4,000 sessions; when the cache is full, nginx removes the oldest session.
 */
function tlsSessionCacheDirectives(config: GuardConfig): string[] {
  if (config.authentication.certificates && !guardAsksNodeAdmission(config))
    return ['ssl_session_cache off;'];
  return ['ssl_session_cache shared:sessions:8m;', 'ssl_session_timeout 10m;'];
}

/**
 * Returns the directives for a guard that terminates TLS. nginx reads the certificate of the host again for each
 * handshake, so that a renewed certificate is used without a restart. Returns an empty list if the controller
 * terminates TLS.
 */
export function tlsTerminationDirectives(config: GuardConfig): string[] {
  const { tls: own, authentication } = config;
  if (!own) return [];
  return [
    `listen ${own.port} ssl;`,
    ...(own.ipv6 ? [`listen [::]:${own.port} ssl;`] : []),
    'ssl_certificate $tls_dir/tls.crt;',
    'ssl_certificate_key $tls_dir/tls.key;',
    // Old versions of nginx do not enable TLS 1.3 by default. Go clients need TLS 1.3 to resume sessions without tickets.
    'ssl_protocols TLSv1.2 TLSv1.3;',
    ...tlsSessionCacheDirectives(config),
    // A session ticket would contain the client's certificate.
    'ssl_session_tickets off;',
    ...(authentication.certificates
      ? [
          `ssl_client_certificate ${own.clientCaFile};`,
          'ssl_verify_client optional;',
          'ssl_verify_depth 3;',
          'error_page 495 = @invalid-certificate;',
        ]
      : []),
  ];
}

/**
 * Returns the nginx `map` block that sets the variable `$tls_dir` to the folder of the host's certificate. nginx only
 * reads a renewed certificate if its path contains a variable. Returns an empty list if the controller terminates
 * TLS.
 */
export const nginxMapForTlsCertificateFolder = ({ tls: own }: GuardConfig): string[] =>
  own ? nginxBlockLines('map $ssl_server_name $tls_dir', `default ${own.certificateDir};`) : [];

/**
 * Returns the nginx location that the controller requests if a client certificate is invalid (`refusalPath`). Returns
 * an empty list if nodes use no certificates, or if the guard terminates TLS itself.
 */
export function certificateErrorPageLocationBlock({
  authentication,
  certificateReport,
}: GuardConfig): string[] {
  const { refusalPath: path } = certificateReport;
  return path && authentication.certificates
    ? [
        '',
        indentLines(4, ...nginxBlockLines(`location = ${path}`, 'try_files /-/none @invalid-certificate;')),
      ]
    : [];
}
