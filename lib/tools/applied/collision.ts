import type { ClusterObject } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import { formatReference, referenceOf } from './object-reference';

/**
 * A collision with an object outside of this stack: applying a synthesis would overwrite the object, select it, or
 * take over its traffic.
 */
export interface Collision {
  readonly message: string;
  readonly remedy: string;
  /**
   * Whether an earlier `apply` already created the object that causes this collision. If true, `apply` ignores the
   * collision, and only `doctor` reports the collision.
   */
  readonly isApplied: boolean;
}

/** The synthesis and the cluster, for functions that find collisions. */
export interface ClusterState {
  /** Objects of the synthesis. */
  readonly objects: readonly RenderedObject[];
  /**
   * Returns the object in the cluster that has the same kind, namespace and name as an object of the synthesis. Returns
   * `undefined` if this object does not exist, or if it is not part of this stack. The function also returns namespaces
   * that are not part of this stack.
   */
  readonly applied: (object: RenderedObject) => ClusterObject | undefined;
  /** Returns whether an object in the cluster is part of this stack. */
  readonly isOwn: (object: ClusterObject) => boolean;
  /** Lists objects of the cluster. `types` is a kubectl argument, such as `deployments.apps,pods`. */
  readonly list: (types: string, ...args: readonly string[]) => Promise<ClusterObject[]>;
}

/**
 * Joins the kinds and names of objects for a message, such as `Service monitoring/a, Service monitoring/b and 7 more`.
 * @param most number of objects to name before `and 7 more`
 */
export function abbreviateObjectList(objects: readonly ClusterObject[], most = 5): string {
  const names = objects.map((object) => formatReference(referenceOf(object)));
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
