import { type CommonMetadata, withCommon } from '../../core/common-metadata';
import { type Existing, type Kubectl, listed } from '../process/kubectl';
import { withFiles } from '../process/temporary-files';
import { type AppliedObject, keyOf } from './object-reference';

/** The label of ConfigMaps that hold inventories; its value is the name of the environment. */
export const INVENTORY_LABEL = 'edge-observability.io/inventory';

/** What is known in a cluster of the objects of an environment. */
export interface Inventory {
  readonly environment: string;
  /** Namespace of the ConfigMap that holds it. */
  readonly namespace: string;
  /** Objects of the synthesis that was applied last. */
  readonly applied: readonly AppliedObject[];
  /** Objects that were applied earlier and that the last synthesis does not have; `prune` deletes them. */
  readonly left: readonly AppliedObject[];
  /** Labels and annotations of the ConfigMap beside its own. @default - none */
  readonly metadata?: CommonMetadata;
  /** Version of the ConfigMap that was read. @default - there is none yet */
  readonly resourceVersion?: string;
}

/** Every inventory of the cluster. @throws Error when one cannot be read. */
export async function readInventories(kubectl: Kubectl): Promise<Inventory[]> {
  const maps = await listed(kubectl, 'configmaps', '--all-namespaces', '--selector', INVENTORY_LABEL);
  return maps.map(inventoryIn);
}

function inventoryIn({ metadata, data }: Existing): Inventory {
  const { name, namespace, labels, annotations, resourceVersion } = metadata;
  const objects = (field: string): AppliedObject[] => {
    try {
      return JSON.parse(data?.[field] ?? '[]');
    } catch {
      throw new Error(
        `${field} in ConfigMap ${namespace}/${name} is no JSON: delete the ConfigMap, then run apply --record`,
      );
    }
  };
  return {
    environment: labels[INVENTORY_LABEL],
    namespace,
    applied: objects('applied'),
    left: objects('left'),
    metadata: { labels, annotations },
    resourceVersion,
  };
}

/** The inventory after other objects were applied: what it listed before and is not among them has left. */
export function afterApply(before: Inventory, applied: readonly AppliedObject[]): Inventory {
  const current = new Set(applied.map(keyOf));
  const earlier = new Map([...before.left, ...before.applied].map((object) => [keyOf(object), object]));
  return { ...before, applied, left: [...earlier.values()].filter((object) => !current.has(keyOf(object))) };
}

/** The name of the ConfigMap that holds it. */
export const inventoryName = (environment: string): string => `edge-observability-inventory-${environment}`;

/** Writes the inventory. @throws Error when somebody else has written it since it was read. */
export async function writeInventory(kubectl: Kubectl, inventory: Inventory): Promise<void> {
  const verb = inventory.resourceVersion === undefined ? 'create' : 'replace';
  const text = JSON.stringify(configMap(inventory));
  await withFiles({ 'inventory.json': text }, (folder) => kubectl(verb, '--filename', folder));
}

function configMap({ environment, namespace, applied, left, metadata, resourceVersion }: Inventory): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: inventoryName(environment),
      namespace,
      ...withCommon({ labels: { [INVENTORY_LABEL]: environment } }, metadata ?? {}),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    data: { applied: lines(applied), left: lines(left) },
  };
}

/** One object a line, in an order that does not change. */
function lines(objects: readonly AppliedObject[]): string {
  const sorted = [...objects].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return sorted.length ? `[\n${sorted.map((object) => JSON.stringify(object)).join(',\n')}\n]\n` : '[]\n';
}
