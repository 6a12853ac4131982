import type { PulledImage } from '../../core/images';
import { type ImageMirror, mirrored } from '../../core/mirrors';
import { type EdgeNodes, isOnEdge, kindsOfNodes } from '../synthesis/edge-nodes';
import { groupedBy } from '../synthesis/grouped-by';
import { images, podOf } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import { amount, type Requested, requestedBy, sum } from '../synthesis/requested-resources';
import type { RenderedEnvironment, SourcedEnvironment } from '../synthesis/summary';
import { type Endpoint, endpointsOf } from './endpoints';
import { type Permission, permissionsOf } from './permissions';

/** An image, and what runs it. */
export interface InventoryImage {
  readonly image: string;
  /** As its publisher names it. @default - the same: no mirror is set */
  readonly source?: string;
  /** Where a mirror that is only considered has to hold it. @default - none is */
  readonly mirror?: string;
  /** Workloads, each as `environment/chart/Kind/name`. */
  readonly usedBy: readonly string[];
}

/** What workloads ask for: cores and bytes. */
export interface Demand extends Requested {
  readonly workloads: readonly string[];
}

/** What an environment needs and opens. */
export interface EnvironmentInventory {
  readonly environment: string;
  /** Deployments and StatefulSets of the cloud side, with all of their replicas. */
  readonly cloud: Demand & { /** Bytes of all volumes. */ readonly storage: number };
  /** DaemonSets that each cloud node runs. */
  readonly eachCloudNode: Demand;
  /** DaemonSets that an edge node runs, by the labels that tell nodes apart and by architectures that run the same. */
  readonly eachEdgeNode: readonly (Demand & Pick<EdgeNodes, 'labels' | 'architectures'>)[];
  readonly permissions: readonly Permission[];
  readonly endpoints: readonly Endpoint[];
}

/** Everything that somebody who runs the stack has to provide, allow or open. */
export interface Inventory {
  readonly images: readonly InventoryImage[];
  readonly environments: readonly EnvironmentInventory[];
}

/**
 * Takes stock of what was synthesized.
 *
 * @param mirror considered for the images in the place of the one that is set, in the form of the setting `images.mirror`
 */
export function inventoryOf(environments: readonly SourcedEnvironment[], mirror?: ImageMirror): Inventory {
  return { images: imagesOf(environments, mirror), environments: environments.map(environmentInventory) };
}

function imagesOf(environments: readonly SourcedEnvironment[], mirror?: ImageMirror): InventoryImage[] {
  const uses = environments.flatMap(({ name, objects, images: known }) => {
    const pulled = new Map(known.map((one) => [one.image, one]));
    return objects.flatMap(({ chart, manifest }) =>
      images(manifest).map((image) => ({
        // What no construct of ours asked for comes from where its pod says.
        pulled: pulled.get(image) ?? { image, source: image, isOverride: false },
        by: `${name}/${chart}/${manifest.kind}/${manifest.metadata.name}`,
      })),
    );
  });
  const byImage = groupedBy(uses, ({ pulled: { image, source } }) => `${image} ${source}`);
  return [...byImage.values()]
    .map((users) => ({ users, pulled: users[0]?.pulled as PulledImage }))
    .sort((one, other) => (one.pulled.image < other.pulled.image ? -1 : 1))
    .map(({ users, pulled }) => ({
      image: pulled.image,
      ...(pulled.source !== pulled.image && { source: pulled.source }),
      ...(mirror !== undefined && { mirror: consideredMirror(pulled, mirror) }),
      usedBy: [...new Set(users.map(({ by }) => by))],
    }));
}

const consideredMirror = ({ source, isOverride }: PulledImage, mirror: ImageMirror): string =>
  isOverride ? source : mirrored(source, mirror);

function environmentInventory({ name, objects }: RenderedEnvironment): EnvironmentInventory {
  const running = objects.filter(({ manifest }) => podOf(manifest));
  const [edge, cloud] = [running.filter(isOnEdge), running.filter((object) => !isOnEdge(object))];
  const isDaemonSet = ({ manifest }: RenderedObject) => manifest.kind === 'DaemonSet';
  const inCloud = cloud.filter((object) => !isDaemonSet(object));
  return {
    environment: name,
    cloud: { ...demand(inCloud), storage: storageOf(objects) },
    eachCloudNode: demand(cloud.filter(isDaemonSet)),
    eachEdgeNode: kindsOfNodes(edge.filter(isDaemonSet)).map(({ labels, architectures, daemonSets }) => ({
      labels,
      architectures,
      ...demand(daemonSets),
    })),
    permissions: permissionsOf(objects.map(({ manifest }) => manifest)),
    endpoints: endpointsOf(objects.map(({ manifest }) => manifest)),
  };
}

function demand(workloads: readonly RenderedObject[]): Demand {
  const each = workloads.flatMap(({ manifest }) =>
    Array.from({ length: replicas(manifest) }, () => requestedBy(podOf(manifest))),
  );
  return {
    ...sum(each),
    workloads: workloads.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`),
  };
}

const replicas = (manifest: RenderedObject['manifest']): number => manifest.spec.replicas ?? 1;

function storageOf(objects: readonly RenderedObject[]): number {
  return objects
    .flatMap(({ manifest }) => {
      if (manifest.kind === 'PersistentVolumeClaim')
        return [amount(manifest.spec.resources.requests.storage)];
      const claims: readonly RenderedObject['manifest'][] = manifest.spec?.volumeClaimTemplates ?? [];
      return claims.map(({ spec }) => replicas(manifest) * amount(spec.resources.requests.storage));
    })
    .reduce((total, size) => total + size, 0);
}
