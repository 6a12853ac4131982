import type { Manifest } from '../support/manifests';

/** Paths of a host's certificate and private key. */
export interface CertificateFiles {
  readonly certificateDirectives: string;
  readonly key: string;
}

/** Resolves what Ingress objects refer to: Services and Secrets. */
export interface References {
  /** Returns `address:port` of a Service, or `undefined` if no pod serves it. */
  address(namespace: string, service: string, port: number): string | undefined;
  certificate(namespace: string, secret: string): CertificateFiles;
  /** Returns the path of the htpasswd file in a Secret. */
  users(namespace: string, secret: string): string;
  /** Returns the path of the CA certificates in a Secret, which verify client certificates. */
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

/** Annotations that become one nginx directive. */
const DIRECTIVES: Readonly<Record<string, (value: string) => string>> = {
  'proxy-body-size': (size) => `client_max_body_size ${size};`,
  'proxy-connect-timeout': (seconds) => `proxy_connect_timeout ${seconds}s;`,
  'proxy-send-timeout': (seconds) => `proxy_send_timeout ${seconds}s;`,
  'proxy-read-timeout': (seconds) => `proxy_read_timeout ${seconds}s;`,
  'proxy-next-upstream': (cases) => `proxy_next_upstream ${cases};`,
  'proxy-request-buffering': (value) => `proxy_request_buffering ${value};`,
};

/** Annotations for authentication with passwords. */
const AUTHENTICATION = ['auth-type', 'auth-secret', 'auth-secret-type', 'auth-realm'];
const CERTIFICATES = [
  'auth-tls-secret',
  'auth-tls-verify-client',
  'auth-tls-verify-depth',
  'auth-tls-error-page',
  'auth-tls-pass-certificate-to-upstream',
];
const REDIRECTION = ['ssl-redirect', 'force-ssl-redirect'];

/** Annotations for other programs, which the test ingress ignores. */
const ELSEWHERE = /^(cert-manager|argocd\.argoproj)\.io\//;

/** Defaults of ingress-nginx, for Ingress objects without these annotations. */
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

/** Returns whether the controller passes TLS of an Ingress through without terminating it. */
export const passesTls = ({ metadata }: Manifest): boolean =>
  metadata.annotations?.[`${PREFIX}ssl-passthrough`] === 'true';

/**
 * Renders the nginx servers of Ingress objects, as ingress-nginx would configure them.
 * @throws Error if an object has an annotation that is not supported here, so that no annotation is ignored silently
 */
export function nginxServers(ingresses: readonly Manifest[], references: References): string {
  return ingresses.flatMap((ingress) => renderServers(ingress, references)).join('\n');
}

function renderServers(ingress: Manifest, references: References): string[] {
  const { namespace = '' } = ingress.metadata;
  const annotations = supportedAnnotations(ingress);
  const rules: readonly Rule[] = ingress.spec.rules;
  return rules.map(({ host, http }) =>
    renderBlock('server', [
      ...['listen 80;', 'listen 443 ssl http2;', `server_name ${host};`],
      ...certificate(ingress, host, references),
      ...clientCertificateDirectives(annotations, references),
      ...redirectionDirectives(annotations),
      ...http.paths.flatMap((path) => renderLocations(path, namespace, annotations, references)),
    ]),
  );
}

/** Returns the annotations for nginx, without their prefix. @throws Error if one of them is not supported */
function supportedAnnotations({ metadata: { name, annotations = {} } }: Manifest): Annotations {
  const all = [...Object.keys(DIRECTIVES), ...AUTHENTICATION, ...CERTIFICATES, ...REDIRECTION].map(
    (key) => `${PREFIX}${key}`,
  );
  const others = Object.keys(annotations).filter((key) => !ELSEWHERE.test(key));
  const unknown = others.filter((key) => !all.includes(key));
  if (unknown.length)
    throw new Error(
      `Ingress ${name}: the test ingress does not support the annotation ${unknown}: add it to test/runtime/nginx-servers.ts`,
    );
  return Object.fromEntries(others.map((key) => [key.slice(PREFIX.length), annotations[key] ?? '']));
}

function certificate({ metadata, spec }: Manifest, host: string, references: References): string[] {
  const tls = (spec.tls ?? []).find(({ hosts }: { hosts: string[] }) => hosts.includes(host));
  if (!tls)
    throw new Error(`Ingress ${metadata.name} has no certificate for ${host}: add the host to spec.tls`);
  const files = references.certificate(metadata.namespace ?? '', tls.secretName);
  return [`ssl_certificate ${files.certificateDirectives};`, `ssl_certificate_key ${files.key};`];
}

/**
 * Renders the verification of client certificates, as the template of ingress-nginx does. Returns an empty list if the
 * Ingress does not ask for client certificates.
 */
function clientCertificateDirectives(annotations: Annotations, references: References): string[] {
  const [namespace, secret] = annotations['auth-tls-secret']?.split('/') ?? [];
  if (!namespace || !secret) return [];
  return [
    `ssl_client_certificate ${references.authorities(namespace, secret)};`,
    `ssl_verify_client ${annotations['auth-tls-verify-client'] ?? 'on'};`,
    `ssl_verify_depth ${annotations['auth-tls-verify-depth'] ?? 1};`,
    `error_page 495 496 = ${annotations['auth-tls-error-page']};`,
  ];
}

/** Renders the redirection from HTTP to HTTPS, which is on by default. */
function redirectionDirectives({
  'ssl-redirect': redirect = 'true',
  'force-ssl-redirect': force,
}: Annotations): string[] {
  const wanted = redirect === 'true' || force === 'true';
  return wanted ? ['if ($scheme = http) { return 308 https://$host$request_uri; }'] : [];
}

/**
 * Renders the locations of a path, which match by path element: `/metrics` matches `/metrics/job`, and not
 * `/metricsets`.
 */
function renderLocations(
  { path, pathType, backend }: Path,
  namespace: string,
  annotations: Annotations,
  references: References,
): string[] {
  if (pathType !== 'Prefix')
    throw new Error(`the test ingress only supports the pathType Prefix, got ${pathType}`);
  const { name, port } = backend.service;
  const address = references.address(namespace, name, port.number);
  const directives = [
    ...Object.entries({ ...DEFAULTS, ...annotations }).flatMap(
      ([key, value]) => DIRECTIVES[key]?.(value) ?? [],
    ),
    ...authenticationDirectives(namespace, annotations, references),
    ...FORWARDED_HEADERS,
    ...(annotations['auth-tls-secret'] ? CERTIFICATE_HEADERS : []),
    ...(annotations['auth-tls-pass-certificate-to-upstream'] === 'true'
      ? ['proxy_set_header ssl-client-cert $ssl_client_escaped_cert;']
      : []),
    address ? `proxy_pass http://${address};` : 'return 503;',
  ];
  const below = path.endsWith('/') ? path : `${path}/`;
  return [...(path === below ? [] : [`= ${path}`]), below].map((match) =>
    renderBlock(`location ${match}`, directives),
  );
}

function authenticationDirectives(
  namespace: string,
  annotations: Annotations,
  references: References,
): string[] {
  const {
    'auth-type': type,
    'auth-secret': secret,
    'auth-secret-type': format,
    'auth-realm': realm,
  } = annotations;
  if (!type) return [];
  if (type !== 'basic' || format !== 'auth-file' || !secret) {
    throw new Error(
      `the test ingress only supports auth-type basic with auth-secret-type auth-file, got ${type} with ${format}`,
    );
  }
  return [
    `auth_basic ${JSON.stringify(realm ?? '')};`,
    `auth_basic_user_file ${references.users(namespace, secret)};`,
    'proxy_set_header Authorization "";',
  ];
}

function renderBlock(head: string, lines: readonly string[]): string {
  return [`${head} {`, ...lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`), '}'].join(
    '\n',
  );
}
