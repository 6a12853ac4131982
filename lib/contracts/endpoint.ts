import type { NetworkPeer } from './network';

/** A certificate authority that clients trust beside the public ones: a key of a ConfigMap. */
export interface PrivateCa {
  readonly configMapName: string;
  /** The key that holds the PEM bundle. */
  readonly key: string;
}

/**
 * An address that the edge reaches through the public Internet: HTTPS with Basic Auth.
 * The password is never part of it; clients mount the Secret.
 */
export interface PublicEndpoint {
  /** `https://` with host and base path, without credentials and without a slash at the end. */
  readonly url: string;
  /**
   * A Secret of type `kubernetes.io/basic-auth` (keys `username`, `password`) in the namespace of
   * each client.
   */
  readonly credentialsSecretName: string;
  /** The private authority that signed the certificate, where it is not a public one. */
  readonly privateCa?: PrivateCa;
}

/** A part of a web server that an ingress puts on the public Internet. */
export interface IngressBackend {
  readonly namespace: string;
  readonly serviceName: string;
  readonly port: number;
  /** What clients put before the protocol's own paths, such as `/services`. @default - nothing */
  readonly basePath?: string;
  /** Path prefixes to route, element by element, such as `/metrics`. */
  readonly paths: readonly string[];
  /**
   * Whether it checks the users' passwords itself, and the ingress leaves them to it: what the ingress
   * checks, it takes out of the request, and the backend does not learn who the user is.
   * @default false
   */
  readonly checksUsers?: boolean;
  /** Opens the port for the ingress controller. */
  admit(client: NetworkPeer): void;
}
