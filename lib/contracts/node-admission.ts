import type { NetworkServer } from './network';

/** A program that guards ask for each request whether the node may push. */
export interface NodeAdmission {
  /** Host and port, such as `cloud-node-admission.monitoring.svc:8080`. */
  readonly admissionAddress: string;
  /** The server at this address, for network policies. */
  readonly admissionServer: NetworkServer;
}

/** Request headers: the node that a valid certificate names, or else the reason why the request names none. */
export const NODE_HEADER = 'Node';
export const FAULT_HEADER = 'Fault';

/** Request header with the time at which the certificate ends, in OpenSSL's notation, or with the certificate itself, in escaped PEM. */
export const END_HEADER = 'End';

/** Response header with the group of an admitted node. */
export const GROUP_HEADER = 'Group';

/** Response header with the reason of a refusal. */
export const REFUSAL_HEADER = 'Refused';

/**
 * ConfigMap whose keys are the names of denied nodes. No manifest contains it: the command `credentials --deny` creates
 * it, and neither `apply` nor Argo CD reverts it.
 */
export const DENIED_NODES = 'denied-nodes';
