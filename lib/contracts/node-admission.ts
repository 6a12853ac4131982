import type { NetworkServer } from './network';

/** The admission program. The guards ask it for each request whether the node may push. */
export interface NodeAdmission {
  /** Address (`host:port`) of the program, such as `cloud-node-admission.monitoring.svc:8080`. */
  readonly admissionAddress: string;
  /** The admission server, for network policies. */
  readonly admissionServer: NetworkServer;
}

/** Request header with the node name of a valid client certificate. */
export const NODE_HEADER = 'Node';
/** Request header with the reason why a request has no valid client certificate, such as `expired`. */
export const FAULT_HEADER = 'Fault';

/**
 * Request header with the end of the certificate's validity in OpenSSL's format. It can also contain the
 * certificate itself, in PEM with URL escapes.
 */
export const END_HEADER = 'End';

/** Response header with the group of an admitted node. */
export const GROUP_HEADER = 'Group';

/** Response header with the reason why a node is refused, such as `denied`. */
export const REFUSAL_HEADER = 'Refused';

/**
 * Name of the ConfigMap with the denied nodes: each key is the name of a node. No manifest contains the
 * ConfigMap. The command `credentials --deny` creates it, and neither `apply` nor Argo CD changes it.
 */
export const DENIED_NODES = 'denied-nodes';
