/**
 * One end of a connection as a NetworkPolicy can name it: pods by namespace and labels, addresses, or all addresses
 * that nodes of the cluster can reach, of IPv6, too, where they have any.
 * Whatever runs on the host's network (nodes, the API server, many ingress controllers) is only
 * matched by address, since selectors do not match it.
 */
export type NetworkPeer =
  | { readonly namespace: string; readonly podLabels?: Readonly<Record<string, string>> }
  | { readonly cidrs: readonly string[] }
  | { readonly anywhere: true };

/** Something that listens on a port and decides who may connect. */
export interface NetworkServer {
  /** Where it listens, for the client's egress rule. */
  readonly peer: NetworkPeer;
  /** The port that the container listens on. */
  readonly port: number;
  /** Opens the port for a client. */
  admit(client: NetworkPeer): void;
}
