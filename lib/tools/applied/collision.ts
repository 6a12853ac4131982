import type { ClusterObject } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import { referenceOf, referenceText } from './object-reference';

/**
 * A collision with an object outside of this stack: applying a synthesis would change the object, select it, or
 * take its traffic.
 */
export interface Collision {
  readonly message: string;
  readonly remedy: string;
  /** Whether the object of the synthesis is already applied, so that applying it again does not cause the problem. */
  readonly isApplied: boolean;
}

/** The synthesis and the cluster, for functions that find collisions. */
export interface ClusterState {
  /** Objects of the synthesis. */
  readonly objects: readonly RenderedObject[];
  /** Returns the object with the same name in the cluster. Returns `undefined` if it does not exist or is not part of this stack. */
  readonly applied: (object: RenderedObject) => ClusterObject | undefined;
  /** Returns whether an object in the cluster is part of this stack. */
  readonly isOwn: (object: ClusterObject) => boolean;
  /** Lists objects of the cluster, by kubectl's names of their types. */
  readonly list: (types: string, ...args: readonly string[]) => Promise<ClusterObject[]>;
}

/** Joins the kinds and names of objects for a message, such as `Service monitoring/a, Service monitoring/b and 7 more`. */
export function abbreviateObjects(objects: readonly ClusterObject[], most = 5): string {
  const names = objects.map((object) => referenceText(referenceOf(object)));
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
