import type { ClusterObject } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import { referenceOf, referenceText } from './object-reference';

/** An object, not part of this stack, that a synthesis would change, select or take traffic from. */
export interface Collision {
  readonly message: string;
  readonly remedy: string;
  /**
   * Whether the cluster already has the object of the synthesis, so that applying it again changes nothing.
   */
  readonly isApplied: boolean;
}

/** State of the cluster for the search for collisions. */
export interface ClusterState {
  /** Objects of the synthesis. */
  readonly objects: readonly RenderedObject[];
  /** Returns the cluster's object of this stack with the same name. */
  readonly applied: (object: RenderedObject) => ClusterObject | undefined;
  /** Whether an object of the cluster is part of this stack. */
  readonly isOwn: (object: ClusterObject) => boolean;
  readonly list: (types: string, ...args: readonly string[]) => Promise<ClusterObject[]>;
}

/** Lists objects for a message. */
export function abbreviateObjects(objects: readonly ClusterObject[], most = 5): string {
  const names = objects.map((object) => referenceText(referenceOf(object)));
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
