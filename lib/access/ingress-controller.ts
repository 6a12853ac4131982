import type { Construct } from 'constructs';
import type { UsersFormat } from '../contracts/credentials';
import type { IngressBackend } from '../contracts/endpoint';
import type { NetworkPeer } from '../contracts/network';
import { headerName } from '../core/option-rules';
import type { Quantity } from '../core/units';
import type { Rule } from '../core/validation';
import type { SiteOption, SiteRule, SiteWork } from './site-options';

/** A certificate for a host: from a Secret that exists, or kept up to date there by cert-manager. */
export type Tls =
  | {
      /** A Secret of type `kubernetes.io/tls` in the namespace of the ingress. */
      readonly secretName: string;
    }
  | {
      /** An issuer of cert-manager for all namespaces. */
      readonly clusterIssuer: string;
    }
  | {
      /** An issuer of cert-manager in the namespace of the ingress. */
      readonly issuer: string;
    };

/** A host with Basic Auth, as every controller has to express it. */
export interface IngressSite extends SiteWork {
  /** Name of the main object, and the beginning of the names of all others. */
  readonly name: string;
  /** Where all objects belong. */
  readonly namespace: string;
  /** What all objects carry. */
  readonly labels: Readonly<Record<string, string>>;
  /** The public DNS name. */
  readonly host: string;
  /** Where the certificate comes from; `ingressObject` asks an issuer of cert-manager for it. */
  readonly tls: Tls;
  /** The Secret that holds the certificate. */
  readonly tlsSecretName: string;
  /** The Secret with the users, in the format that the controller reads. */
  readonly usersSecretName: string;
  /** What a browser shows when it asks for the password. */
  readonly realm: string;
  /** Largest body that is let through, as it is sent (compressed). */
  readonly maxBodySize: Quantity;
  /** How long the backend may take for an answer, in seconds. */
  readonly timeoutSeconds: number;
  /** What is routed; complete only when the manifests are written. */
  readonly backends: () => readonly IngressBackend[];
}

/** An ingress controller: how it says Basic Auth, limits and TLS. One small file each. */
export interface IngressController {
  /** Where its connections to the backends come from. */
  readonly clients: readonly NetworkPeer[];
  /** How it reads users from a Secret. */
  readonly usersFormat: UsersFormat;
  /**
   * The request header in which backends learn who the user is; the controller replaces what a client
   * sends in it.
   * @default - they do not learn it
   */
  readonly userHeader?: string;
  /** Whether it knows no Basic Auth itself: a guard checks all users. @default false */
  readonly leavesUsersToGuard?: boolean;
  /**
   * Options of a host of which it takes some values only, or none. Others are refused at synthesis, where the
   * guard does not do the work.
   * @default - it takes all values of all options
   */
  readonly optionRules?: Readonly<Partial<Record<SiteOption, SiteRule>>>;
  /**
   * Makes the objects that put a site on the Internet, below the given scope; the main one with the id
   * `Default`.
   */
  render(scope: Construct, site: IngressSite): void;
}

/** What is an ingress controller, and not its name, for settings that no compiler has checked. */
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

/** The annotation by which cert-manager keeps a certificate up to date. */
export function issuerAnnotation(tls: Tls): Record<string, string> {
  if ('clusterIssuer' in tls) return { 'cert-manager.io/cluster-issuer': tls.clusterIssuer };
  return 'issuer' in tls ? { 'cert-manager.io/issuer': tls.issuer } : {};
}

/** Every path that is routed, in an order that does not depend on who was exposed first. */
export function routes({ backends }: IngressSite): { path: string; serviceName: string; port: number }[] {
  return backends()
    .flatMap(({ paths, serviceName, server }) =>
      paths.map((path) => ({ path, serviceName, port: server.port })),
    )
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}
