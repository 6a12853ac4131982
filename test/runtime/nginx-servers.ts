import type { Manifest } from '../support/manifests';

/** One host's certificate and key, as files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** References of Ingress objects, resolved for nginx. */
export interface References {
  /** `address:port` behind a Service; undefined if there is none. */
  address(namespace: string, service: string, port: number): string | undefined;
  certificate(namespace: string, secret: string): CertificateFiles;
  /** The file of users of a Secret, and how it names them. */
  users(namespace: string, secret: string): string;
  /** The file with authorities of clients, of a Secret. */
  authorities(namespace: string, secret: string): string;
}

interface Path {
  readonly path: string;
  readonly pathType: string;
  readonly backend: {
    readonly service: { readonly name: string; readonly port: { readonly number: number } };
  };
}

interface Rule {
  readonly host: string;
  readonly http: { readonly paths: readonly Path[] };
}

type Annotations = Readonly<Record<string, string>>;

const PREFIX = 'nginx.ingress.kubernetes.io/';

/** Annotations that are one directive. */
const DIRECTIVES: Readonly<Record<string, (value: string) => string>> = {
  'proxy-body-size': (size) => `client_max_body_size ${size};`,
  'proxy-connect-timeout': (seconds) => `proxy_connect_timeout ${seconds}s;`,
  'proxy-send-timeout': (seconds) => `proxy_send_timeout ${seconds}s;`,
  'proxy-read-timeout': (seconds) => `proxy_read_timeout ${seconds}s;`,
  'proxy-next-upstream': (cases) => `proxy_next_upstream ${cases};`,
  'proxy-request-buffering': (value) => `proxy_request_buffering ${value};`,
};

/** Annotations that others explain. */
const AUTHENTICATION = ['auth-type', 'auth-secret', 'auth-secret-type', 'auth-realm'];
const CERTIFICATES = [
  'auth-tls-secret',
  'auth-tls-verify-client',
  'auth-tls-verify-depth',
  'auth-tls-error-page',
  'auth-tls-pass-certificate-to-upstream',
];
const REDIRECTION = ['ssl-redirect', 'force-ssl-redirect'];

/** Annotations for other programs: tests issue certificates and apply objects. */
const ELSEWHERE = /^(cert-manager|argocd\.argoproj)\.io\//;

/** Default of ingress-nginx for a location without such an annotation. */
const DEFAULTS: Annotations = {
  'proxy-body-size': '1m',
  'proxy-connect-timeout': '5',
  'proxy-send-timeout': '60',
  'proxy-read-timeout': '60',
};

const FORWARDED_HEADERS = [
  'proxy_set_header Host $http_host;',
  'proxy_set_header Connection "";',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_set_header X-Forwarded-For $remote_addr;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
];

const CERTIFICATE_HEADERS = [
  'proxy_set_header ssl-client-verify $ssl_client_verify;',
  'proxy_set_header ssl-client-subject-dn $ssl_client_s_dn;',
  'proxy_set_header ssl-client-issuer-dn $ssl_client_i_dn;',
];

/** Whether the controller passes TLS of an Ingress on as it comes. */
export const passesTls = ({ metadata }: Manifest): boolean =>
  metadata.annotations?.[`${PREFIX}ssl-passthrough`] === 'true';

/**
 * The servers of Ingress objects, as ingress-nginx would configure them.
 *
 * @throws Error that names an annotation which is not known here, so that none is skipped in silence.
 */
export function nginxServers(ingresses: readonly Manifest[], references: References): string {
  return ingresses.flatMap((ingress) => servers(ingress, references)).join('\n');
}

function servers(ingress: Manifest, references: References): string[] {
  const { namespace = '' } = ingress.metadata;
  const annotations = known(ingress);
  const rules: readonly Rule[] = ingress.spec.rules;
  return rules.map(({ host, http }) =>
    block('server', [
      ...['listen 80;', 'listen 443 ssl http2;', `server_name ${host};`],
      ...certificate(ingress, host, references),
      ...clientCertificates(annotations, references),
      ...redirection(annotations),
      ...http.paths.flatMap((path) => locations(path, namespace, annotations, references)),
    ]),
  );
}

/** The annotations for nginx without their prefix. */
function known({ metadata: { name, annotations = {} } }: Manifest): Annotations {
  const all = [...Object.keys(DIRECTIVES), ...AUTHENTICATION, ...CERTIFICATES, ...REDIRECTION].map(
    (key) => `${PREFIX}${key}`,
  );
  const others = Object.keys(annotations).filter((key) => !ELSEWHERE.test(key));
  const unknown = others.filter((key) => !all.includes(key));
  if (unknown.length) throw new Error(`Ingress ${name}: the test ingress does not know ${unknown}: teach it`);
  return Object.fromEntries(others.map((key) => [key.slice(PREFIX.length), annotations[key] ?? '']));
}

function certificate({ metadata, spec }: Manifest, host: string, references: References): string[] {
  const tls = (spec.tls ?? []).find(({ hosts }: { hosts: string[] }) => hosts.includes(host));
  if (!tls) throw new Error(`Ingress ${metadata.name} has no certificate for ${host}`);
  const files = references.certificate(metadata.namespace ?? '', tls.secretName);
  return [`ssl_certificate ${files.certificate};`, `ssl_certificate_key ${files.key};`];
}

/** As the template of ingress-nginx has it. */
function clientCertificates(annotations: Annotations, references: References): string[] {
  const [namespace, secret] = annotations['auth-tls-secret']?.split('/') ?? [];
  if (!namespace || !secret) return [];
  return [
    `ssl_client_certificate ${references.authorities(namespace, secret)};`,
    `ssl_verify_client ${annotations['auth-tls-verify-client'] ?? 'on'};`,
    `ssl_verify_depth ${annotations['auth-tls-verify-depth'] ?? 1};`,
    `error_page 495 496 = ${annotations['auth-tls-error-page']};`,
  ];
}

/** A host with a certificate redirects to it by default. */
function redirection({
  'ssl-redirect': redirect = 'true',
  'force-ssl-redirect': force,
}: Annotations): string[] {
  const wanted = redirect === 'true' || force === 'true';
  return wanted ? ['if ($scheme = http) { return 308 https://$host$request_uri; }'] : [];
}

/** A path and all below it, element by element: `/metrics` is not `/metricsets`. */
function locations(
  { path, pathType, backend }: Path,
  namespace: string,
  annotations: Annotations,
  references: References,
): string[] {
  if (pathType !== 'Prefix') throw new Error(`the test ingress does not know pathType ${pathType}: teach it`);
  const { name, port } = backend.service;
  const address = references.address(namespace, name, port.number);
  const directives = [
    ...Object.entries({ ...DEFAULTS, ...annotations }).flatMap(
      ([key, value]) => DIRECTIVES[key]?.(value) ?? [],
    ),
    ...authentication(namespace, annotations, references),
    ...FORWARDED_HEADERS,
    ...(annotations['auth-tls-secret'] ? CERTIFICATE_HEADERS : []),
    ...(annotations['auth-tls-pass-certificate-to-upstream'] === 'true'
      ? ['proxy_set_header ssl-client-cert $ssl_client_escaped_cert;']
      : []),
    address ? `proxy_pass http://${address};` : 'return 503;',
  ];
  const below = path.endsWith('/') ? path : `${path}/`;
  return [...(path === below ? [] : [`= ${path}`]), below].map((match) =>
    block(`location ${match}`, directives),
  );
}

function authentication(namespace: string, annotations: Annotations, references: References): string[] {
  const {
    'auth-type': type,
    'auth-secret': secret,
    'auth-secret-type': format,
    'auth-realm': realm,
  } = annotations;
  if (!type) return [];
  if (type !== 'basic' || format !== 'auth-file' || !secret) {
    throw new Error(`the test ingress knows auth-type basic with an auth-file, not ${type} with ${format}`);
  }
  return [
    `auth_basic ${JSON.stringify(realm ?? '')};`,
    `auth_basic_user_file ${references.users(namespace, secret)};`,
    'proxy_set_header Authorization "";',
  ];
}

function block(head: string, lines: readonly string[]): string {
  return [`${head} {`, ...lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`), '}'].join(
    '\n',
  );
}
