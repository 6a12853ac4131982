import type { Construct } from 'constructs';
import { k8s } from '../core/k8s';
import { createApiObject } from '../core/objects';
import { quantity } from '../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { type Quantity, toBytes } from '../core/units';
import { validateOptions } from '../core/validation';
import type { CertificateReport } from './certificate-report';
import type { IngressController, IngressSite } from './ingress-controller';
import { createIngress } from './ingress-object';
import { controllerNetworkPeers, type Installation, optionRulesOfInstallation } from './installation';

/** Properties for `ingressNginx()`: the installation of ingress-nginx. */
export interface IngressNginxProps extends Installation {
  /** Name of the IngressClass. @default "nginx" */
  readonly className?: string;
  /** Namespace of the pods of ingress-nginx. @default "ingress-nginx" */
  readonly namespace?: string;
}

/** Validation rules of the options of `ingressNginx()`. */
export const INGRESS_NGINX_OPTIONS = {
  ...optionRulesOfInstallation('nginx', 'ingress-nginx'),
} satisfies OptionTable<IngressNginxProps>;

const ANNOTATION_PREFIX = 'nginx.ingress.kubernetes.io';

/**
 * Returns the ingress controller for the Kubernetes community's ingress-nginx. Annotations configure Basic Auth. Users
 * come from a Secret with the key `auth` that contains htpasswd lines. The project was retired in March 2026, but is
 * still the most common controller.
 * @throws InvalidOptionError when an option is invalid.
 */
export function ingressNginx(props: IngressNginxProps = {}): IngressController {
  const { className, namespace, cidrs } = validateAndApplyDefaults(
    'ingressNginx',
    props,
    INGRESS_NGINX_OPTIONS,
  );
  return {
    clients: controllerNetworkPeers(namespace, cidrs),
    usersFormat: { key: 'auth', hash: 'bcrypt' },
    certificateReport: CERTIFICATE_REPORT,
    render: (scope, site) => createNginxIngress(scope, site, className),
  };
}

/**
 * Request headers in which ingress-nginx passes the client certificate to the guard. The nginx.conf template of
 * ingress-nginx overwrites headers with the same names that clients send.
 */
const CERTIFICATE_REPORT: CertificateReport = {
  variable: '$http_ssl_client_verify $http_ssl_client_subject_dn',
  verified: (subject) => `SUCCESS ${subject}`,
  end: '$http_ssl_client_cert',
  refusalPath: '/certificate-refused',
};

const CA_SUFFIX = '-node-ca';

function createNginxIngress(scope: Construct, site: IngressSite, className: string): void {
  const { name, namespace, labels, certificates } = site;
  if (certificates) {
    // ingress-nginx only reads CA certificates from Secrets. CA certificates are not secret.
    createApiObject(scope, 'NodeCa', {
      ...k8s.KubeSecret.GVK,
      metadata: { name: `${name}${CA_SUFFIX}`, namespace, labels },
      type: 'Opaque',
      data: { 'ca.crt': Buffer.from(certificates.ca).toString('base64') },
    });
  }
  createIngress(scope, site, className, ingressNginxAnnotations(site));
}

/**
 * Returns the annotations that request client certificates. The guard responds to invalid certificates, because
 * agents drop their data after nginx's own response (400).
 */
const clientCertificateAnnotations = ({ namespace, name }: IngressSite): Record<string, string> => ({
  'auth-tls-secret': `${namespace}/${name}${CA_SUFFIX}`,
  'auth-tls-verify-client': 'optional',
  'auth-tls-verify-depth': '3',
  'auth-tls-error-page': CERTIFICATE_REPORT.refusalPath ?? '',
  // ingress-nginx resumes TLS sessions without checking the expiry of the client certificate. The guard therefore
  // passes the expiry to the admission program, which checks it.
  'auth-tls-pass-certificate-to-upstream': 'true',
});

function ingressNginxAnnotations(site: IngressSite): Record<string, string> {
  const values = {
    ...(site.checksUsers && {
      'auth-type': 'basic',
      'auth-secret': site.usersSecretName,
      'auth-secret-type': 'auth-file',
      'auth-realm': site.realm,
    }),
    ...(site.certificates && clientCertificateAnnotations(site)),
    'force-ssl-redirect': 'true',
    'proxy-body-size': toNginxSize(site.maxBodySize),
    'proxy-connect-timeout': '5',
    'proxy-read-timeout': String(site.timeoutSeconds),
    'proxy-send-timeout': String(site.timeoutSeconds),
    // This value is the default, but the controller's ConfigMap can change the default. ingress-nginx must not
    // retry a request at another replica after the guard's response 503.
    'proxy-next-upstream': 'error timeout',
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${ANNOTATION_PREFIX}/${name}`, value]),
  );
}

/**
 * Converts a size to nginx's notation. A whole number of mebibytes gets the unit `m`: `8Mi` becomes `8m`, and `1Gi`
 * becomes `1024m`. All other sizes are converted to bytes: `1.5Ki` becomes `1536`.
 * @throws InvalidOptionError when the size is invalid.
 */
export function toNginxSize(size: Quantity): string {
  validateOptions('toNginxSize', { size: [size ?? null, quantity] });
  const mebibytes = toBytes(size) / 2 ** 20;
  return Number.isInteger(mebibytes) ? `${mebibytes}m` : String(toBytes(size));
}
