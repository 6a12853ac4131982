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

/** A certificate of a host: an existing Secret, or one that cert-manager issues and renews. */
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

/** A host with Basic Auth, as input for ingress controllers. */
export interface IngressSite extends SiteWork {
  /** Name of the main object, and prefix of the names of all others. */
  readonly name: string;
  /** Namespace of all objects. */
  readonly namespace: string;
  /** Labels of all objects. */
  readonly labels: Readonly<Record<string, string>>;
  /** Public DNS name. */
  readonly host: string;
  /** Source of the certificate; `ingressObject` adds the annotation for a cert-manager issuer. */
  readonly tls: Tls;
  /** Secret that holds the certificate. */
  readonly tlsSecretName: string;
  /** Secret with the users, in the controller's format. */
  readonly usersSecretName: string;
  /** Realm that browsers show when they ask for the password. */
  readonly realm: string;
  /** Maximum size of a request body, compressed as it is sent. */
  readonly maxBodySize: Quantity;
  /** Timeout of the backend in seconds. */
  readonly timeoutSeconds: number;
  /** Certificates of nodes that clients may show. @default - it asks for none */
  readonly certificates?: NodeCertificates;
  /** Returns the backends. The list is only complete at the end of the synthesis. */
  readonly backends: () => readonly IngressBackend[];
}

/** An ingress controller: how it configures Basic Auth, limits and TLS. Each has its own file. */
export interface IngressController {
  /** Peers from which the controller connects to backends. */
  readonly clients: readonly NetworkPeer[];
  /** Format in which the controller reads users from a Secret. */
  readonly usersFormat: UsersFormat;
  /**
   * Request header in which the controller passes the user's name to backends, replacing a value that the
   * client sent.
   * @default - not passed
   */
  readonly userHeader?: string;
  /** Whether the controller does not support Basic Auth, so that a guard checks all users. @default false */
  readonly leavesUsersToGuard?: boolean;
  /** Whether it passes TLS through to the guard, which then has the certificate of the host. @default false */
  readonly passesTls?: boolean;
  /** The same controller with TLS passthrough, for hosts that request client certificates. @default - TLS passthrough is not supported */
  readonly passingTls?: IngressController;
  /**
   * How it reports the client certificate to the guard.
   * @default - it does not, and `nodeCertificate()` is refused, unless it passes TLS on
   */
  readonly certificateReport?: CertificateReport;
  /**
   * Rules for options of a host that the controller does not fully support. Other values are refused at
   * synthesis, unless the guard implements the option.
   * @default - all values of all options are supported
   */
  readonly optionRules?: Readonly<Partial<Record<SiteOption, SiteRule>>>;
  /** Creates the objects that expose a host, in the given scope; the main one has the id `Default`. */
  render(scope: Construct, site: IngressSite): void;
}

/** Rule for an ingress controller (not its name), for settings that no compiler has checked. */
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

/** Returns the annotation that makes cert-manager issue and renew the certificate. */
export function issuerAnnotation(tls: Tls): Record<string, string> {
  if ('clusterIssuer' in tls) return { 'cert-manager.io/cluster-issuer': tls.clusterIssuer };
  return 'issuer' in tls ? { 'cert-manager.io/issuer': tls.issuer } : {};
}

/** Returns every routed path, in an order that does not depend on the order of `expose` calls. */
export function pathRoutes({ backends }: IngressSite): { path: string; serviceName: string; port: number }[] {
  return backends()
    .flatMap(({ paths, serviceName, server }) =>
      paths.map((path) => ({ path, serviceName, port: server.port })),
    )
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}
