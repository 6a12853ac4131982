import type { Construct } from 'constructs';
import type { IngressBackend } from '../contracts/endpoint';
import type { NetworkPeer } from '../contracts/network';
import type { Quantity } from '../core/units';

/** A certificate for a host: from a Secret that exists, or kept up to date there by cert-manager. */
export type Tls =
  /** A Secret of type `kubernetes.io/tls` in the namespace of the ingress. */
  | { readonly secretName: string }
  /** An issuer of cert-manager for all namespaces. */
  | { readonly clusterIssuer: string }
  /** An issuer of cert-manager in the namespace of the ingress. */
  | { readonly issuer: string };

/** A host with Basic Auth, as every controller has to express it. */
export interface IngressSite {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly host: string;
  readonly tls: Tls;
  /** The Secret that holds the certificate, whoever writes it. */
  readonly tlsSecretName: string;
  /** The Secret with the users, in the format that the controller reads. */
  readonly usersSecretName: string;
  readonly realm: string;
  readonly maxBodySize: Quantity;
  /** How long the backend may take for an answer, in seconds. */
  readonly timeoutSeconds: number;
  /** Whether the controller checks the users; known only when the manifests are written. */
  readonly checksUsers: () => boolean;
  /** What is routed; complete only when the manifests are written. */
  readonly backends: () => readonly IngressBackend[];
}

/** An ingress controller: how it says Basic Auth, limits and TLS. One small file each. */
export interface IngressController {
  /** Where its connections to the backends come from. */
  readonly clients: readonly NetworkPeer[];
  /** Makes the objects that put a site on the Internet, below the given scope. */
  render(scope: Construct, site: IngressSite): void;
}
