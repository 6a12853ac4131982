/**
 * One end of a connection, as a NetworkPolicy expresses it: pods by namespace and labels, address ranges, or
 * all addresses that the cluster's nodes can reach, including IPv6 where available. Pods on the host's
 * network (nodes, the API server, many ingress controllers) can only be selected by address, since label
 * selectors do not match them.
 */
export type NetworkPeer =
  | { readonly namespace: string; readonly podLabels?: Readonly<Record<string, string>> }
  | { readonly cidrs: readonly string[] }
  | { readonly anywhere: true };

/** A server that listens on a port and restricts who may connect. */
export interface NetworkServer {
  /** The server's pods or addresses, for the egress rule of a client. */
  readonly peer: NetworkPeer;
  /** The container port that the server listens on. */
  readonly port: number;
  /** Allows a client to connect to the port. */
  admit(client: NetworkPeer): void;
}
