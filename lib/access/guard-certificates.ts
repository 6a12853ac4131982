import { STAMPED_NODE } from '../contracts/endpoint';
import { indentLines, nginxBlock, nginxString, returnDirective } from '../core/nginx-syntax';
import type { CertificateReport } from './certificate-report';
import { checksNodeAdmission } from './guard-node-admission';
import type { GuardConfig } from './guard-options';

/** Variables of nginx about the client certificate, if the guard terminates TLS itself. */
export const OWN_REPORT: CertificateReport = {
  variable: '$ssl_client_verify $ssl_client_s_dn',
  verified: (subject) => `SUCCESS ${subject}`,
  end: '$ssl_client_v_end',
};

/** Maps from the verified certificate: the node name, and values that are derived from it. */
export function nodeMaps(config: GuardConfig): string[] {
  const { authentication, certificateReport: report, users } = config;
  if (!authentication.certificates) return [];
  const verified = nginxString(`~^${report.verified(authentication.certificates.subject)}$`);
  return [
    ...nginxBlock(`map ${nginxString(report.variable)} $node`, `${verified} $certified;`, 'default "";'),
    ...nginxBlock(
      `map ${nginxString(report.variable)} $certificate_fault`,
      `${verified} "";`,
      '"~^(NONE)? *$" no_certificate;',
      '"~^FAILED:certificate has expired" expired;',
      '"~^FAILED:certificate is not yet valid" not_yet_valid;',
      '"~^FAILED" foreign;',
      'default wrong_name;',
    ),
    ...certificateRefusalTexts(config),
    ...nginxBlock('map $node $node_query', '"" "";', `default extra_label=${STAMPED_NODE}=$node;`),
    // Of verified certificates alone: anybody can show others, each of which would be an answer to keep.
    ...nginxBlock('map $node $certificate_end', '"" "";', `default ${report.end};`),
    ...(users && 'realm' in users
      ? nginxBlock('map $node $realm', `"" ${nginxString(users.realm)};`, 'default off;')
      : []),
    ...foreignGroupingKeyMaps(config),
  ];
}

/** Texts with which clients are refused. */
function certificateRefusalTexts(config: GuardConfig): string[] {
  const remedy = config.authentication.passwords
    ? ', and the user or the password is wrong'
    : ': show that of the node';
  const ofFault = nginxBlock(
    'map $certificate_fault $fault_text',
    `no_certificate "no certificate was shown${remedy}";`,
    `wrong_name "the subject of the certificate names no node${remedy}";`,
    `default "the certificate is not valid${remedy}";`,
  );
  if (!checksNodeAdmission(config)) return ofFault;
  return [
    ...ofFault,
    ...nginxBlock(
      'map $node_refusal $refusal_text',
      'denied "the node $node is denied";',
      'deleted "there is no node $node in the cluster";',
      'expired "the certificate of the node $node has expired";',
      'default $fault_text;',
    ),
  ];
}

/** Whether a grouping key is that of another node: its only label `hostname` has to be the node, written out. */
function foreignGroupingKeyMaps({ backends }: GuardConfig): string[] {
  const prefixes = backends
    .filter(({ pushedByNodes, groupStamp }) => pushedByNodes && groupStamp === 'grouping-key')
    .map(({ basePath = '' }) => basePath.replaceAll('.', '\\.'));
  if (prefixes.length === 0) return [];
  const others = '(?:/(?!hostname[/@])[^/]+/[^/]+)*';
  const own = `([a-z0-9.-]+) (?:${prefixes.join('|')})/metrics/job(?:@base64)?/[^/]+${others}/hostname/\\1${others}`;
  return nginxBlock('map "$node $uri" $foreign_key', '"~^ " "";', `"~^${own}$" "";`, 'default 1;');
}

/** Refuses a grouping key of another node. */
export const refuseForeignKey = nginxBlock(
  'if ($foreign_key)',
  returnDirective(
    403,
    'the certificate is that of the node $node: the grouping key has to have it as hostname, once',
  ),
);

/**
 * TLS sessions, which clients resume after a long pause without certificates in either direction. A resumed session does not
 * check when the client's certificate ends, so the program checks it at each request. The cache holds the sessions of
 * about 4,000 clients; when it is full, nginx removes the oldest.
 */
function sessionDirectives(config: GuardConfig): string[] {
  if (config.authentication.certificates && !checksNodeAdmission(config)) return ['ssl_session_cache off;'];
  return ['ssl_session_cache shared:sessions:8m;', 'ssl_session_timeout 10m;'];
}

/**
 * TLS of the server itself. The certificate is read at each handshake, because nginx is not notified when it is
 * renewed.
 */
export function tlsListenDirectives(config: GuardConfig): string[] {
  const { tls: own, authentication } = config;
  if (!own) return [];
  return [
    `listen ${own.port} ssl;`,
    ...(own.ipv6 ? [`listen [::]:${own.port} ssl;`] : []),
    'ssl_certificate $tls_dir/tls.crt;',
    'ssl_certificate_key $tls_dir/tls.key;',
    // Old versions of nginx leave 1.3 out, by which clients in Go resume sessions without tickets that contain certificates.
    'ssl_protocols TLSv1.2 TLSv1.3;',
    ...sessionDirectives(config),
    // A ticket would contain the client's certificate.
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

/** The folder of the certificate as a variable, without which nginx would read the files once. */
export const tlsFolderMap = ({ tls: own }: GuardConfig): string[] =>
  own ? nginxBlock('map $ssl_server_name $tls_dir', `default ${own.certificateDir};`) : [];

/** Returns the location from which a controller gets the response to an invalid certificate. */
export function certificateRefusalLocation({ authentication, certificateReport }: GuardConfig): string[] {
  const { refusalPath: path } = certificateReport;
  return path && authentication.certificates
    ? ['', indentLines(4, ...nginxBlock(`location = ${path}`, 'try_files /-/none @invalid-certificate;'))]
    : [];
}
