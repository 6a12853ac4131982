import { addCommonLabelsAndAnnotations, type CommonMetadata } from '../../core/common-metadata';
import { type ClusterObject, type Kubectl, listObjects } from '../process/kubectl';
import { withTemporaryFiles } from '../process/temporary-files';
import { type AppliedObject, referenceKey } from './object-reference';

/** Label of the ConfigMaps that contain inventories. The value is the name of the environment. */
export const INVENTORY_LABEL = 'edge-observability.io/inventory';

/** Record of the applied objects of an environment, stored in a ConfigMap of the cluster. */
export interface AppliedInventory {
  readonly environment: string;
  /** Namespace of the ConfigMap that contains the record. */
  readonly namespace: string;
  /** Objects of the last applied synthesis. */
  readonly applied: readonly AppliedObject[];
  /** Objects of earlier syntheses that the last applied synthesis does not contain. `prune` deletes these objects. */
  readonly left: readonly AppliedObject[];
  /** Labels and annotations of the ConfigMap. @default - only the label with the name of the environment */
  readonly metadata?: CommonMetadata;
  /** Resource version of the ConfigMap when it was read. @default - the ConfigMap does not exist yet */
  readonly resourceVersion?: string;
}

/** Reads the inventories of all environments in the cluster. @throws Error when kubectl fails, or when an inventory is not valid JSON. */
export async function readInventories(kubectl: Kubectl): Promise<AppliedInventory[]> {
  const maps = await listObjects(kubectl, 'configmaps', '--all-namespaces', '--selector', INVENTORY_LABEL);
  return maps.map(parseInventory);
}

function parseInventory({ metadata, data }: ClusterObject): AppliedInventory {
  const { name, namespace, labels, annotations, resourceVersion } = metadata;
  const parseObjectsInConfigMapKey = (field: string): AppliedObject[] => {
    try {
      return JSON.parse(data?.[field] ?? '[]');
    } catch {
      throw new Error(
        `the key ${field} of the ConfigMap ${namespace}/${name} is not valid JSON: delete this ConfigMap, then run apply --record to create it again`,
      );
    }
  };
  return {
    environment: labels[INVENTORY_LABEL],
    namespace,
    applied: parseObjectsInConfigMapKey('applied'),
    left: parseObjectsInConfigMapKey('left'),
    metadata: { labels, annotations },
    resourceVersion,
  };
}

/** Returns the inventory after an apply. Its field `left` contains the earlier objects that are not in `applied`. */
export function inventoryAfterApply(
  before: AppliedInventory,
  applied: readonly AppliedObject[],
): AppliedInventory {
  const current = new Set(applied.map(referenceKey));
  const earlier = new Map(
    [...before.left, ...before.applied].map((object) => [referenceKey(object), object]),
  );
  return {
    ...before,
    applied,
    left: [...earlier.values()].filter((object) => !current.has(referenceKey(object))),
  };
}

/** Returns the name of the ConfigMap with the inventory of an environment. */
export const inventoryConfigMapName = (environment: string): string =>
  `edge-observability-inventory-${environment}`;

/**
 * Creates or replaces the ConfigMap of an inventory.
 * @throws Error when the ConfigMap has changed since it was read, or when kubectl fails.
 */
export async function writeInventory(kubectl: Kubectl, inventory: AppliedInventory): Promise<void> {
  const verb = inventory.resourceVersion === undefined ? 'create' : 'replace';
  const text = JSON.stringify(createInventoryConfigMap(inventory));
  await withTemporaryFiles({ 'inventory.json': text }, (folder) => kubectl(verb, '--filename', folder));
}

function createInventoryConfigMap({
  environment,
  namespace,
  applied,
  left,
  metadata,
  resourceVersion,
}: AppliedInventory): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: inventoryConfigMapName(environment),
      namespace,
      ...addCommonLabelsAndAnnotations({ labels: { [INVENTORY_LABEL]: environment } }, metadata ?? {}),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    data: { applied: renderObjectsAsJson(applied), left: renderObjectsAsJson(left) },
  };
}

/** Formats objects as a JSON array with a line for each object, sorted by `referenceKey`. */
function renderObjectsAsJson(objects: readonly AppliedObject[]): string {
  const sorted = [...objects].sort((one, other) => (referenceKey(one) < referenceKey(other) ? -1 : 1));
  return sorted.length ? `[\n${sorted.map((object) => JSON.stringify(object)).join(',\n')}\n]\n` : '[]\n';
}
