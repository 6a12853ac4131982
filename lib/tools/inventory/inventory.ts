import type { PulledImage } from '../../core/images';
import { type ImageMirror, mirrorImage } from '../../core/mirrors';
import { type EdgeNodes, edgeNodeKinds, isOnEdge } from '../synthesis/edge-nodes';
import { groupBy } from '../synthesis/grouped-by';
import { imagesOfManifest, podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import {
  parseAmount,
  type Requested,
  requestedResources,
  sumRequested,
} from '../synthesis/requested-resources';
import type { RenderedEnvironment, SourcedEnvironment } from '../synthesis/summary';
import { type Endpoint, endpointsOf } from './endpoints';
import { type Permission, permissionsOf } from './permissions';

/** An image and the workloads that use it. */
export interface InventoryImage {
  readonly image: string;
  /** Reference in its publisher's registry. @default - the same as `image`; there is no mirror */
  readonly source?: string;
  /** Reference in a mirror that is only considered. @default - none */
  readonly mirror?: string;
  /** Workloads as `environment/chart/Kind/name`. */
  readonly usedBy: readonly string[];
}

/** Requests of workloads: cores and bytes. */
export interface Demand extends Requested {
  readonly workloads: readonly string[];
}

/** Requirements and endpoints of an environment. */
export interface EnvironmentInventory {
  readonly environment: string;
  /** Deployments and StatefulSets in the cloud, with all replicas. */
  readonly cloud: Demand & { /** Size of all volumes in bytes. */ readonly storage: number };
  /** DaemonSets on each cloud node. */
  readonly eachCloudNode: Demand;
  /**
   * DaemonSets on an edge node, by the labels that distinguish nodes and by architectures with the same
   * workloads.
   */
  readonly eachEdgeNode: readonly (Demand & Pick<EdgeNodes, 'labels' | 'architectures'>)[];
  readonly permissions: readonly Permission[];
  readonly endpoints: readonly Endpoint[];
}

/** Everything that operators have to provide, allow or open. */
export interface Inventory {
  readonly images: readonly InventoryImage[];
  readonly environments: readonly EnvironmentInventory[];
}

/**
 * Returns the inventory of a synthesis.
 * @param mirror a mirror to consider instead of the configured one, in the form of the setting
 * `images.mirror`
 */
export function createInventory(
  environments: readonly SourcedEnvironment[],
  mirror?: ImageMirror,
): Inventory {
  return {
    images: inventoryImages(environments, mirror),
    environments: environments.map(environmentInventory),
  };
}

function inventoryImages(
  environments: readonly SourcedEnvironment[],
  mirror?: ImageMirror,
): InventoryImage[] {
  const uses = environments.flatMap(({ name, objects, images: known }) => {
    const pulled = new Map(known.map((one) => [one.image, one]));
    return objects.flatMap(({ chart, manifest }) =>
      imagesOfManifest(manifest).map((image) => ({
        // Images that no construct of this library resolved are pulled from where the pod states.
        pulled: pulled.get(image) ?? { image, source: image, isOverride: false },
        by: `${name}/${chart}/${manifest.kind}/${manifest.metadata.name}`,
      })),
    );
  });
  const byImage = groupBy(uses, ({ pulled: { image, source } }) => `${image} ${source}`);
  return [...byImage.values()]
    .map((users) => ({ users, pulled: users[0]?.pulled as PulledImage }))
    .sort((one, other) => (one.pulled.image < other.pulled.image ? -1 : 1))
    .map(({ users, pulled }) => ({
      image: pulled.image,
      ...(pulled.source !== pulled.image && { source: pulled.source }),
      ...(mirror !== undefined && { mirror: mirrorReference(pulled, mirror) }),
      usedBy: [...new Set(users.map(({ by }) => by))],
    }));
}

const mirrorReference = ({ source, isOverride }: PulledImage, mirror: ImageMirror): string =>
  isOverride ? source : mirrorImage(source, mirror);

function environmentInventory({ name, objects }: RenderedEnvironment): EnvironmentInventory {
  const running = objects.filter(({ manifest }) => podSpecOfManifest(manifest));
  const [edge, cloud] = [running.filter(isOnEdge), running.filter((object) => !isOnEdge(object))];
  const isDaemonSet = ({ manifest }: RenderedObject) => manifest.kind === 'DaemonSet';
  const inCloud = cloud.filter((object) => !isDaemonSet(object));
  return {
    environment: name,
    cloud: { ...totalDemand(inCloud), storage: totalStorage(objects) },
    eachCloudNode: totalDemand(cloud.filter(isDaemonSet)),
    eachEdgeNode: edgeNodeKinds(edge.filter(isDaemonSet)).map(({ labels, architectures, daemonSets }) => ({
      labels,
      architectures,
      ...totalDemand(daemonSets),
    })),
    permissions: permissionsOf(objects.map(({ manifest }) => manifest)),
    endpoints: endpointsOf(objects.map(({ manifest }) => manifest)),
  };
}

function totalDemand(workloads: readonly RenderedObject[]): Demand {
  const each = workloads.flatMap(({ manifest }) =>
    Array.from({ length: replicaCount(manifest) }, () => requestedResources(podSpecOfManifest(manifest))),
  );
  return {
    ...sumRequested(each),
    workloads: workloads.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`),
  };
}

const replicaCount = (manifest: RenderedObject['manifest']): number => manifest.spec.replicas ?? 1;

function totalStorage(objects: readonly RenderedObject[]): number {
  return objects
    .flatMap(({ manifest }) => {
      if (manifest.kind === 'PersistentVolumeClaim')
        return [parseAmount(manifest.spec.resources.requests.storage)];
      const claims: readonly RenderedObject['manifest'][] = manifest.spec?.volumeClaimTemplates ?? [];
      return claims.map(({ spec }) => replicaCount(manifest) * parseAmount(spec.resources.requests.storage));
    })
    .reduce((total, size) => total + size, 0);
}
