import type { PulledImage } from '../../core/images';
import { type ImageMirror, replaceRegistryWithMirror } from '../../core/mirrors';
import {
  deriveEdgeNodeTypesFromDaemonSets,
  type EdgeNodeType,
  isEdgeWorkload,
} from '../synthesis/edge-nodes';
import { groupBy } from '../synthesis/group-by';
import { imagesOfManifest, podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import {
  type PodRequests,
  parseQuantity,
  podRequestsAndMemoryLimit,
  sumResourceRequests,
} from '../synthesis/requested-resources';
import type { RenderedEnvironment, SourcedEnvironment } from '../synthesis/summary';
import { type Endpoint, findExternallyReachableEndpoints } from './endpoints';
import { findRbacPermissions, type Permission } from './permissions';

/** An image and the workloads that use it. */
export interface InventoryImage {
  /** Reference that nodes pull. */
  readonly image: string;
  /** Reference in the registry of the publisher. @default - `image`, because the environment has no mirror */
  readonly source?: string;
  /** Reference in the mirror that `inventory --mirror` names. @default - `--mirror` is not given, or has no value */
  readonly mirror?: string;
  /** Workloads as `environment/chart/Kind/name`. */
  readonly usedBy: readonly string[];
}

/** Total CPU and memory requests of workloads: CPU in cores, memory in bytes. */
export interface WorkloadRequests extends PodRequests {
  /** Names of the workloads, as `Kind/name`. */
  readonly workloads: readonly string[];
}

/** CPU and memory requests, RBAC permissions and network endpoints of an environment. */
export interface EnvironmentInventory {
  readonly environment: string;
  /** Total CPU and memory requests of all replicas of workloads in the cloud, without DaemonSets. */
  readonly cloud: WorkloadRequests & { /** Size of all volumes in bytes. */ readonly storage: number };
  /** Total CPU and memory requests of the DaemonSets on each cloud node. */
  readonly eachCloudNode: WorkloadRequests;
  /**
   * Total CPU and memory requests of the DaemonSets on an edge node, for each type of edge nodes. Nodes of a type have the same
   * labels and run the same DaemonSets.
   */
  readonly eachEdgeNode: readonly (WorkloadRequests & Pick<EdgeNodeType, 'labels' | 'architectures'>)[];
  readonly permissions: readonly Permission[];
  readonly endpoints: readonly Endpoint[];
}

/** Inventory of a synthesis: what clusters must provide (images, CPU, memory) and allow (RBAC permissions, endpoints). */
export interface Inventory {
  readonly images: readonly InventoryImage[];
  readonly environments: readonly EnvironmentInventory[];
}

/**
 * Creates the inventory of a synthesis.
 * @param mirror registries to which users copy the images, in the format of the setting `images.mirror`. The registries
 * determine the field `mirror` of each image.
 */
export function createInventory(
  environments: readonly SourcedEnvironment[],
  mirror?: ImageMirror,
): Inventory {
  return {
    images: findInventoryImages(environments, mirror),
    environments: environments.map(createEnvironmentInventory),
  };
}

function findInventoryImages(
  environments: readonly SourcedEnvironment[],
  mirror?: ImageMirror,
): InventoryImage[] {
  const uses = environments.flatMap(({ name, objects, images: known }) => {
    const pulled = new Map(known.map((one) => [one.image, one]));
    return objects.flatMap(({ chart, manifest }) =>
      imagesOfManifest(manifest).map((image) => ({
        // This library does not know images in objects that the app itself creates. Nodes pull the reference in the pod.
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
      ...(mirror !== undefined && { mirror: imageReferenceInMirror(pulled, mirror) }),
      usedBy: [...new Set(users.map(({ by }) => by))],
    }));
}

const imageReferenceInMirror = ({ source, isOverride }: PulledImage, mirror: ImageMirror): string =>
  isOverride ? source : replaceRegistryWithMirror(source, mirror);

function createEnvironmentInventory({ name, objects }: RenderedEnvironment): EnvironmentInventory {
  const running = objects.filter(({ manifest }) => podSpecOfManifest(manifest));
  const [edge, cloud] = [running.filter(isEdgeWorkload), running.filter((object) => !isEdgeWorkload(object))];
  const isDaemonSet = ({ manifest }: RenderedObject) => manifest.kind === 'DaemonSet';
  const inCloud = cloud.filter((object) => !isDaemonSet(object));
  return {
    environment: name,
    cloud: { ...totalResourceRequests(inCloud), storage: totalVolumeBytes(objects) },
    eachCloudNode: totalResourceRequests(cloud.filter(isDaemonSet)),
    eachEdgeNode: deriveEdgeNodeTypesFromDaemonSets(edge.filter(isDaemonSet)).map(
      ({ labels, architectures, daemonSets }) => ({
        labels,
        architectures,
        ...totalResourceRequests(daemonSets),
      }),
    ),
    permissions: findRbacPermissions(objects.map(({ manifest }) => manifest)),
    endpoints: findExternallyReachableEndpoints(objects.map(({ manifest }) => manifest)),
  };
}

function totalResourceRequests(workloads: readonly RenderedObject[]): WorkloadRequests {
  const each = workloads.flatMap(({ manifest }) =>
    Array.from({ length: replicaCount(manifest) }, () =>
      podRequestsAndMemoryLimit(podSpecOfManifest(manifest)),
    ),
  );
  return {
    ...sumResourceRequests(each),
    workloads: workloads.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`),
  };
}

const replicaCount = (manifest: RenderedObject['manifest']): number => manifest.spec.replicas ?? 1;

function totalVolumeBytes(objects: readonly RenderedObject[]): number {
  return objects
    .flatMap(({ manifest }) => {
      if (manifest.kind === 'PersistentVolumeClaim')
        return [parseQuantity(manifest.spec.resources.requests.storage)];
      const claims: readonly RenderedObject['manifest'][] = manifest.spec?.volumeClaimTemplates ?? [];
      return claims.map(
        ({ spec }) => replicaCount(manifest) * parseQuantity(spec.resources.requests.storage),
      );
    })
    .reduce((total, size) => total + size, 0);
}
