/**
 * One end of a connection in a NetworkPolicy: pods by namespace and labels, CIDR ranges, or `anywhere`.
 *
 * Label selectors do not match pods on the host network, such as the API server and many ingress controllers.
 * Use CIDR ranges for these pods. `anywhere` includes IPv6 if the cluster's nodes have IPv6 addresses.
 */
export type NetworkPeer =
  | { readonly namespace: string; readonly podLabels?: Readonly<Record<string, string>> }
  | { readonly cidrs: readonly string[] }
  | { readonly anywhere: true };

/** A server whose port only accepts connections from allowed clients. */
export interface NetworkServer {
  /** The server's pods or addresses, for the egress rules of its clients. */
  readonly peer: NetworkPeer;
  /** Container port of the server. */
  readonly port: number;
  /** Allows a client to connect to the server's port. */
  admit(client: NetworkPeer): void;
}
