import type { Existing } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import { labelOf, referenceOf } from './object-reference';

/** An object of others that a synthesis would change, select or take traffic from. */
export interface Collision {
  readonly message: string;
  readonly remedy: string;
  /** Whether the cluster has the object of the synthesis already, so that applying it again changes nothing. */
  readonly isApplied: boolean;
}

/** What is known of the cluster when collisions are looked for. */
export interface Surroundings {
  /** Objects of the synthesis. */
  readonly objects: readonly RenderedObject[];
  /** The object of this stack that the cluster has under the name of one of the synthesis. */
  readonly applied: (object: RenderedObject) => Existing | undefined;
  /** Whether an object of the cluster belongs to this stack. */
  readonly isOwn: (object: Existing) => boolean;
  readonly list: (types: string, ...args: readonly string[]) => Promise<Existing[]>;
}

/** Objects as a message names them. */
export function namesOf(objects: readonly Existing[], most = 5): string {
  const names = objects.map((object) => labelOf(referenceOf(object)));
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
