import { PART_OF } from '../../core/labels';
import type { ClusterObject } from '../process/kubectl';
import type { AppliedInventory } from './inventory';
import { referenceKey, referenceOf } from './object-reference';

/** Labels of an object or a pod. */
export type Labels = Readonly<Record<string, string>>;

/** Returns whether `labels` include all labels of `wanted`, with the same values. */
export const hasAllWantedLabels = (wanted: Labels, labels: Labels = {}): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

/**
 * Creates a function that returns whether an object of the cluster is part of this stack: the object has the labels of the
 * stack, or an inventory contains the object with the same UID.
 */
export function createStackMembershipCheck(
  inventories: readonly AppliedInventory[],
): (object: ClusterObject) => boolean {
  const recorded = new Map(
    inventories
      .flatMap(({ applied, left }) => [...applied, ...left])
      .map((one) => [referenceKey(one), one.uid]),
  );
  return (object) =>
    hasAllWantedLabels(PART_OF, object.metadata.labels) ||
    recorded.get(referenceKey(referenceOf(object))) === object.metadata.uid;
}
