import type { Construct } from 'constructs';
import type { UsersFormat } from '../contracts/credentials';
import type { IngressBackend } from '../contracts/endpoint';
import type { NetworkPeer } from '../contracts/network';
import { headerName } from '../core/option-rules';
import type { Quantity } from '../core/units';
import type { Rule } from '../core/validation';
import type { NodeCertificates } from './authentication';
import type { CertificateReport } from './certificate-report';
import type { SiteOption, SiteRule, SiteWork } from './site-options';

/**
 * Source of the certificate of a host: an existing Secret, or cert-manager, which issues and renews the certificate.
 */
export type Tls =
  | {
      /** Name of a Secret of type `kubernetes.io/tls` in the namespace of the ingress. */
      readonly secretName: string;
    }
  | {
      /** Name of a cert-manager ClusterIssuer. */
      readonly clusterIssuer: string;
    }
  | {
      /** Name of a cert-manager Issuer in the namespace of the ingress. */
      readonly issuer: string;
    };

/** A public host with Basic Auth. `IngressController.render` creates the objects of the host from these properties. */
export interface IngressSite extends SiteWork {
  /** Name of the main object, and prefix of the names of all other objects. */
  readonly name: string;
  /** Namespace of all Kubernetes objects of the host. */
  readonly namespace: string;
  /** Labels of all Kubernetes objects of the host. */
  readonly labels: Readonly<Record<string, string>>;
  /** Public DNS name of the host. */
  readonly host: string;
  /** Source of the certificate. For a cert-manager issuer, `createIngress()` adds the annotation of cert-manager. */
  readonly tls: Tls;
  /** Secret that holds the host's TLS certificate and its private key. */
  readonly tlsSecretName: string;
  /** Secret with the users, in the format of the controller (`usersFormat`). */
  readonly usersSecretName: string;
  /** Realm that browsers show when they ask for the password. */
  readonly realm: string;
  /** Maximum size of a request body before decompression. */
  readonly maxBodySize: Quantity;
  /** Time in seconds after which a request to the backend fails. */
  readonly timeoutSeconds: number;
  /** Client certificates of nodes that the host accepts. @default - the host requests no client certificates */
  readonly certificates?: NodeCertificates;
  /** Returns the backends of the host. The list is only complete at the end of the synthesis. */
  readonly backends: () => readonly IngressBackend[];
}

/** An ingress controller of the cluster. `render` creates the objects for the Basic Auth, limits and TLS of a host. */
export interface IngressController {
  /** Pods or addresses from which the controller connects to backends. */
  readonly clients: readonly NetworkPeer[];
  /** Format of the users in the Secret that the controller reads. */
  readonly usersFormat: UsersFormat;
  /**
   * Request header in which the controller passes the name of the user to backends. The controller overwrites a
   * header with this name that the client sends.
   * @default - the controller passes no user name
   */
  readonly userHeader?: string;
  /**
   * Whether the controller does not support Basic Auth. If true, a guard checks all passwords.
   * @default false
   */
  readonly leavesUsersToGuard?: boolean;
  /**
   * Whether the controller passes TLS through to the guard. If true, the guard serves the TLS
   * certificate of the public host name.
   * @default false
   */
  readonly passesTls?: boolean;
  /**
   * Variant of the controller with TLS passthrough, for hosts that request client certificates.
   * @default - the controller does not support TLS passthrough
   */
  readonly passingTls?: IngressController;
  /**
   * How the controller passes the client certificate to the guard.
   * @default - the controller does not pass the client certificate, and `nodeCertificate()` requires TLS
   * passthrough
   */
  readonly certificateReport?: CertificateReport;
  /**
   * Allowed values of the options of a host, if the controller does not support all values. The synthesis fails for
   * any other value, unless the guard implements the option.
   * @default - the controller supports all values of all options
   */
  readonly optionRules?: Readonly<Partial<Record<SiteOption, SiteRule>>>;
  /** Creates the objects for a host in `scope`. The main object has the id `Default`. */
  render(scope: Construct, site: IngressSite): void;
}

/**
 * Validation rule for an option of type `IngressController`. The rule also finds values of a wrong type, such as
 * the text "nginx", in settings that are written in JavaScript.
 */
export const ingressController: Rule = {
  allowed: 'an ingress controller, such as ingressNginx({ namespace: "ingress-nginx" })',
  accepts: (value) => {
    const { clients, usersFormat, userHeader, render } = (value ?? {}) as Partial<IngressController>;
    return (
      Array.isArray(clients) &&
      usersFormat !== undefined &&
      (userHeader === undefined || headerName.accepts(userHeader)) &&
      typeof render === 'function'
    );
  },
};

/**
 * Returns the annotation that makes cert-manager issue and renew the certificate. Returns an empty object for
 * an existing Secret.
 */
export function issuerAnnotation(tls: Tls): Record<string, string> {
  if ('clusterIssuer' in tls) return { 'cert-manager.io/cluster-issuer': tls.clusterIssuer };
  return 'issuer' in tls ? { 'cert-manager.io/issuer': tls.issuer } : {};
}

/**
 * Returns the path, the Service and the port of each route of a host. The routes are sorted by path, so that the
 * order of `expose` calls has no effect.
 */
export function routesSortedByPath({
  backends,
}: IngressSite): { path: string; serviceName: string; port: number }[] {
  return backends()
    .flatMap(({ paths, serviceName, server }) =>
      paths.map((path) => ({ path, serviceName, port: server.port })),
    )
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}
