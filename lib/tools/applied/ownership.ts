import { PART_OF } from '../../core/labels';
import type { ClusterObject } from '../process/kubectl';
import type { Inventory } from './inventory';
import { referenceKey, referenceOf } from './object-reference';

/** Labels of an object or a pod. */
export type Labels = Readonly<Record<string, string>>;

/** Whether labels include all of some others. */
export const hasLabels = (wanted: Labels, labels: Labels = {}): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

/**
 * Returns a function that determines whether an object is part of this stack, by its labels or the
 * inventories.
 */
export function createOwnershipCheck(inventories: readonly Inventory[]): (object: ClusterObject) => boolean {
  const recorded = new Map(
    inventories
      .flatMap(({ applied, left }) => [...applied, ...left])
      .map((one) => [referenceKey(one), one.uid]),
  );
  return (object) =>
    hasLabels(PART_OF, object.metadata.labels) ||
    recorded.get(referenceKey(referenceOf(object))) === object.metadata.uid;
}
