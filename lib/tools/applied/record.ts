import type { CommonMetadata } from '../../core/common-metadata';
import { suggestedCommand } from '../process/command-lines';
import type { ClusterObject, Kubectl } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import { findExistingObjects } from './existing-objects';
import {
  type AppliedInventory,
  inventoryAfterApply,
  inventoryConfigMapName,
  readInventories,
  writeInventory,
} from './inventory';
import {
  type AppliedObject,
  formatReference,
  type ObjectReference,
  referenceKey,
  referenceOf,
} from './object-reference';
import type { ClusterTools } from './perform-apply';

/**
 * Records in the inventory of an environment which objects of a synthesis exist in the cluster. If kubectl cannot read an
 * object, the entry of the object does not change.
 * @throws Error when no object of the synthesis exists, or when kubectl fails. Error after the inventory was written, when
 * kubectl could not read all objects.
 */
export async function recordAppliedObjects(
  environment: string,
  objects: readonly RenderedObject[],
  { folder, metadata }: { readonly folder: string; readonly metadata?: CommonMetadata },
  { kubectl, io }: ClusterTools,
): Promise<void> {
  const { objects: all, unread, reason } = await findExistingObjects(objects, folder, kubectl);
  const found = all.filter(createAppliedObjectCheck(objects));
  if (found.length === 0)
    throw new Error(
      reason ?? 'nothing was recorded, because no object of this environment exists in the cluster',
    );
  const before = await readInventoryOrEmpty(environment, inventoryNamespace(objects), kubectl);
  const after = inventoryAfterApply({ ...before, metadata }, [
    ...found.map(toAppliedObject),
    ...findInventoryEntriesOfObjects(unread, before),
  ]);
  await writeInventory(kubectl, after);
  io.stdout(
    `recorded in ConfigMap ${after.namespace}/${inventoryConfigMapName(environment)}: ${found.length} objects\n`,
  );
  if (after.left.length) {
    io.stdout(
      `${after.left.length} objects of earlier syntheses are no longer part of the environment: run ${suggestedCommand('prune')} to list these objects\n`,
    );
  }
  if (reason)
    throw new Error(
      `kubectl could not read these objects, so their entries in the inventory did not change: ${unread.map(formatReference).join(', ')}: ${reason}`,
    );
}

/** Returns the entries of the given objects in an inventory. */
const findInventoryEntriesOfObjects = (
  references: readonly ObjectReference[],
  { applied, left }: AppliedInventory,
): AppliedObject[] => {
  const keys = new Set(references.map(referenceKey));
  return [...applied, ...left].filter((object) => keys.has(referenceKey(object)));
};

const PART_OF = 'app.kubernetes.io/part-of';

/**
 * Creates a function that returns whether an object of the cluster was applied from the given synthesis. The kind, the
 * namespace, the name and, if the manifest has it, the label `app.kubernetes.io/part-of` must be the same as in the
 * manifest. The label is missing if another program created an object with the same name, and kubectl did not change
 * this object because of a conflict.
 */
function createAppliedObjectCheck(objects: readonly RenderedObject[]): (object: ClusterObject) => boolean {
  const formatKindNamespaceAndName = ({ kind, metadata }: Pick<ClusterObject, 'kind' | 'metadata'>) =>
    `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
  const labels = new Map(
    objects.map(({ manifest }) => [
      formatKindNamespaceAndName(manifest),
      manifest.metadata.labels?.[PART_OF],
    ]),
  );
  return (object) => {
    if (!labels.has(formatKindNamespaceAndName(object))) return false;
    const expected = labels.get(formatKindNamespaceAndName(object));
    return expected === undefined || object.metadata.labels?.[PART_OF] === expected;
  };
}

const toAppliedObject = (object: ClusterObject): AppliedObject => ({
  ...referenceOf(object),
  uid: object.metadata.uid,
});

async function readInventoryOrEmpty(
  environment: string,
  namespace: string,
  kubectl: Kubectl,
): Promise<AppliedInventory> {
  const all = await readInventories(kubectl);
  const own = all.find((inventory) => inventory.environment === environment);
  return own ?? { environment, namespace, applied: [], left: [] };
}

/**
 * Returns the namespace for the ConfigMap with the inventory: the first namespace that the environment creates. If the
 * environment creates no namespace, returns the namespace of its first namespaced object. Without namespaced objects,
 * returns `default`.
 */
function inventoryNamespace(objects: readonly RenderedObject[]): string {
  const own = objects.find(({ manifest }) => manifest.kind === 'Namespace')?.manifest.metadata.name;
  return (
    own ??
    objects.find(({ manifest }) => manifest.metadata.namespace)?.manifest.metadata.namespace ??
    'default'
  );
}
