import type { RequiredSecret } from '../../contracts/credentials';
import type { PrivateCa } from '../../contracts/endpoint';
import type { Kubectl } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import type { Found } from './finding';
import type { Network } from './network';

/** What is examined, and by which means. */
export interface Examination {
  /** The manifests that the cluster is to run. */
  readonly objects: readonly RenderedObject[];
  /** The Secrets with users and passwords that they name. */
  readonly secrets: readonly RequiredSecret[];
  /** Minor version of the API server that they were made for: 22 for 1.22. */
  readonly kubernetesMinor: number;
  /** Where the authority is that the edge trusts beside the public ones. @default - only public ones count */
  readonly privateCa?: PrivateCa & { readonly namespace: string };
  readonly kubectl: Kubectl;
  readonly network: Network;
}

/** One look at the cluster. What it throws is a look that was not possible. */
export interface Check {
  readonly name: string;
  readonly look: (examination: Examination) => Promise<readonly Found[]>;
}

/** Names for a message: the first of them, and how many more. */
export function some(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

/** Each value once, in order. */
export const unique = <T>(values: readonly T[]): T[] => [...new Set(values)].sort();
