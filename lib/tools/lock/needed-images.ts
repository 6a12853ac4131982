import { ARCHITECTURES, type Architecture } from '../../core/placement';
import { deriveEdgeNodeTypesFromDaemonSets, isEdgeWorkload } from '../synthesis/edge-nodes';
import { groupBy } from '../synthesis/group-by';
import { imagesOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import type { SourcedEnvironment } from '../synthesis/summary';

/** An image that pods use, and the architectures of the nodes that may run these pods. */
export interface NeededImage {
  /** Reference of the image in the registry of its publisher. */
  readonly source: string;
  /** Reference that nodes pull, which differs from `source` if the settings configure a mirror. */
  readonly image: string;
  readonly architectures: readonly Architecture[];
}

/**
 * Returns the images of all environments without duplicates, sorted by the reference that nodes pull. If the app itself
 * creates an object with an image that this library does not know, the result does not contain this image.
 */
export function neededImages(environments: readonly SourcedEnvironment[]): NeededImage[] {
  const uses = environments.flatMap((environment) =>
    environment.objects.flatMap(createNeededImageFinder(environment)),
  );
  const byPlace = groupBy(uses, ({ source, image }) => `${source} ${image}`);
  return [...byPlace.values()]
    .flatMap(([first, ...more]) =>
      first
        ? [
            {
              ...first,
              architectures: sortAndDeduplicateArchitectures(
                [first, ...more].flatMap((use) => use.architectures),
              ),
            },
          ]
        : [],
    )
    .sort((one, other) => (one.image < other.image ? -1 : 1));
}

function createNeededImageFinder({
  objects,
  images: known,
}: SourcedEnvironment): (object: RenderedObject) => NeededImage[] {
  const pulled = new Map(known.map((one) => [one.image, one]));
  const edge = edgeArchitecturesByDaemonSet(objects);
  return (object) =>
    imagesOfManifest(object.manifest).flatMap((image) => {
      // Objects that the app itself creates may use images that this library does not know.
      const { source, architectures } = pulled.get(image) ?? {};
      if (source === undefined || !architectures) return [];
      const possible = edge.get(object);
      const wanted = isEdgeWorkload(object)
        ? architectures.edge.filter((one) => possible?.has(one) ?? true)
        : architectures.cloud;
      return [{ source, image, architectures: wanted }];
    });
}

/** Returns for each DaemonSet the architectures of the edge nodes on which its pods may run. */
function edgeArchitecturesByDaemonSet(
  objects: readonly RenderedObject[],
): Map<RenderedObject, ReadonlySet<string>> {
  const daemonSets = objects.filter(({ manifest }) => manifest.kind === 'DaemonSet').filter(isEdgeWorkload);
  const found = new Map<RenderedObject, Set<string>>();
  for (const kind of deriveEdgeNodeTypesFromDaemonSets(daemonSets)) {
    for (const one of kind.daemonSets) {
      found.set(one, new Set([...(found.get(one) ?? []), ...kind.architectures]));
    }
  }
  return found;
}

const sortAndDeduplicateArchitectures = (some: readonly Architecture[]): Architecture[] =>
  ARCHITECTURES.filter((one) => some.includes(one));
