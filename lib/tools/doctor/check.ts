import type { RequiredSecret } from '../../contracts/credentials';
import type { PrivateCa } from '../../contracts/endpoint';
import type { RequiredPrometheus } from '../../core/required-prometheus';
import type { Kubectl } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import type { Found } from './finding';
import type { Network, NodeKeyPair } from './network';

/** The manifests that `doctor` checks, and its access to the cluster. */
export interface CheckContext {
  /** The manifests to check. */
  readonly objects: readonly RenderedObject[];
  /** The Secrets with users and passwords that they reference. */
  readonly secrets: readonly RequiredSecret[];
  /** The Prometheus objects of a Prometheus Operator that they write to. */
  readonly prometheus: readonly RequiredPrometheus[];
  /** Minor version of the API server that they are for, such as 22 for 1.22. */
  readonly kubernetesMinor: number;
  /** ConfigMap with the private CA certificate. @default - only the public CA certificates */
  readonly privateCa?: PrivateCa & { readonly namespace: string };
  /** Certificate of a node to push with. @default - none */
  readonly nodeCertificate?: NodeKeyPair;
  readonly kubectl: Kubectl;
  readonly network: Network;
}

/** A check of the cluster. An exception means that the check could not be performed. */
export interface Check {
  readonly name: string;
  readonly run: (context: CheckContext) => Promise<readonly Found[]>;
}

/** Lists the first names, and the number of further ones. */
export function abbreviateList(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

/** Returns the distinct values in order. */
export const uniqueSorted = <T>(values: readonly T[]): T[] => [...new Set(values)].sort();
