import type { NetworkServer } from './network';

/** The node-admission program. For each request of a node, a guard asks the program whether the node may push. */
export interface NodeAdmissionServer {
  /** Address (`host:port`) of the program, such as `cloud-node-admission.monitoring.svc:8080`. */
  readonly admissionAddress: string;
  /** The admission server, for network policies. */
  readonly admissionServer: NetworkServer;
}

/** Header of requests to node admission: the node name in the client certificate, if the certificate is valid. */
export const NODE_HEADER = 'Node';
/**
 * Header of requests to node admission: the problem of the client certificate, such as `expired`, if the
 * certificate is missing or invalid.
 */
export const FAULT_HEADER = 'Fault';

/**
 * Header of requests to node admission: the expiry time of the client certificate in OpenSSL's format, or the whole
 * certificate in URL-encoded PEM.
 */
export const END_HEADER = 'End';

/**
 * Response header of node admission that contains the node group of an admitted node, or `-` if the node
 * belongs to no group. The header is missing if node admission has no groups.
 */
export const GROUP_HEADER = 'Group';

/** Response header of node admission that contains the reason why a node is refused, such as `denied`. */
export const REFUSAL_HEADER = 'Refused';

/**
 * Name of the ConfigMap with the denied nodes: each key is the name of a node. No manifest contains the
 * ConfigMap. The command `credentials --deny` creates it, and neither `apply` nor Argo CD changes it.
 */
export const DENIED_NODES = 'denied-nodes';
