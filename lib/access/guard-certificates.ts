import { STAMPED_NODE } from '../contracts/endpoint';
import { answer, block, lines, quoted } from '../core/nginx-syntax';
import { CERTIFIED } from './authentication';
import type { CertificateReport } from './certificate-report';
import type { GuardConfig } from './guard-options';

/** What nginx knows of the certificate of its own connection, where the guard ends TLS itself. */
export const OWN_REPORT: CertificateReport = {
  variable: '$ssl_client_verify $ssl_client_s_dn',
  verified: (subject) => `SUCCESS ${subject}`,
};

/** The node that the verified certificate names, and what is made of it. */
export function nodes(config: GuardConfig): string[] {
  const { authentication, certificateReport: report, users } = config;
  if (!authentication.certificates) return [];
  const { subject, refusedNodes } = authentication.certificates;
  const refused = (text: (node: string) => string) =>
    refusedNodes.map((node) => {
      const own = subject.replace(CERTIFIED, node.replaceAll('.', '\\.'));
      return `${quoted(`~^${report.verified(own)}$`)} ${quoted(text(node))};`;
    });
  return [
    ...block(
      `map ${quoted(report.variable)} $node`,
      ...refused(() => ''),
      `${quoted(`~^${report.verified(subject)}$`)} $certified;`,
      'default "";',
    ),
    ...block(
      `map ${quoted(report.variable)} $certificate_fault`,
      ...refused((node) => `the node ${node} is cut off`),
      '"~^(NONE)? *$" "no certificate was shown";',
      '"~^FAILED" "the certificate is not valid";',
      'default "the subject of the certificate names no node";',
    ),
    ...block('map $node $node_query', '"" "";', `default extra_label=${STAMPED_NODE}=$node;`),
    ...(users && 'realm' in users
      ? block('map $node $realm', `"" ${quoted(users.realm)};`, 'default off;')
      : []),
    ...foreignKeys(config),
  ];
}

/** Whether a grouping key is that of another node: its only label `hostname` has to be the node, written out. */
function foreignKeys({ backends }: GuardConfig): string[] {
  const prefixes = backends
    .filter(({ pushedByNodes, groupStamp }) => pushedByNodes && groupStamp === 'grouping-key')
    .map(({ basePath = '' }) => basePath.replaceAll('.', '\\.'));
  if (prefixes.length === 0) return [];
  const others = '(?:/(?!hostname[/@])[^/]+/[^/]+)*';
  const own = `([a-z0-9.-]+) (?:${prefixes.join('|')})/metrics/job(?:@base64)?/[^/]+${others}/hostname/\\1${others}`;
  return block('map "$node $uri" $foreign_key', '"~^ " "";', `"~^${own}$" "";`, 'default 1;');
}

/** Refuses a grouping key of another node. */
export const refuseForeignKey = block(
  'if ($foreign_key)',
  answer(403, 'the certificate is that of the node $node: the grouping key has to have it as hostname, once'),
);

/** The server's own TLS, with the certificate read anew at each handshake: nothing tells nginx when it was renewed. */
export function tls({ tls: own, authentication }: GuardConfig): string[] {
  if (!own) return [];
  return [
    `listen ${own.port} ssl;`,
    ...(own.ipv6 ? [`listen [::]:${own.port} ssl;`] : []),
    'ssl_certificate $tls_dir/tls.crt;',
    'ssl_certificate_key $tls_dir/tls.key;',
    // Each connection shows its certificate, which may have ended since the last one.
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
export const tlsFolder = ({ tls: own }: GuardConfig): string[] =>
  own ? block('map $ssl_server_name $tls_dir', `default ${own.certificateDir};`) : [];

/** Where a controller asks for the answer to a certificate that is not valid. */
export function invalidCertificates({ authentication, certificateReport }: GuardConfig): string[] {
  const { refusalPath: path } = certificateReport;
  return path && authentication.certificates
    ? ['', lines(4, ...block(`location = ${path}`, 'try_files /-/none @invalid-certificate;'))]
    : [];
}
