import type { RequiredSecret } from '../../contracts/credentials';
import type { PrivateCa } from '../../contracts/endpoint';
import type { RequiredPrometheus } from '../../core/required-prometheus';
import type { Kubectl } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import type { CheckFinding } from './finding';
import type { Network, NodeKeyPair } from './network';

/** Input of the checks of `doctor`: the manifests, and access to the cluster and the network. */
export interface CheckContext {
  /** The manifests to check. */
  readonly objects: readonly RenderedObject[];
  /** The Secrets with users and passwords that the manifests reference. */
  readonly secrets: readonly RequiredSecret[];
  /** The Prometheus objects of a Prometheus Operator that the gateway writes to. */
  readonly prometheus: readonly RequiredPrometheus[];
  /** Lowest minor version of Kubernetes that the manifests support, such as 22 for 1.22. */
  readonly kubernetesMinor: number;
  /** ConfigMap with the private CA certificate. @default - only public CA certificates are trusted */
  readonly privateCa?: PrivateCa & { readonly namespace: string };
  /** Certificate and private key of a node, for test pushes. @default - pushing with a certificate is not tested */
  readonly nodeCertificate?: NodeKeyPair;
  readonly kubectl: Kubectl;
  readonly network: Network;
}

/** A check of the cluster. If `run` throws an error, `doctor` reports that the check could not be performed. */
export interface Check {
  readonly name: string;
  readonly run: (context: CheckContext) => Promise<readonly CheckFinding[]>;
}

/** Joins names for a message. Omits names after the first `most` names: `a, b, c, d, e and 7 more`. */
export function abbreviateList(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

/** Returns the texts in alphabetical order, without duplicates. */
export const uniqueSorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
