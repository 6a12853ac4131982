import { type ClusterObject, type Kubectl, parseObjectList } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import { getObjectIfKindAndNameExist } from './get-object';
import { type ObjectReference, referenceOf } from './object-reference';

/** Result of `findExistingObjects`. */
export interface ExistingObjects {
  /** Objects of the synthesis that exist in the cluster. */
  readonly objects: readonly ClusterObject[];
  /** Objects of the synthesis that kubectl could not read. */
  readonly unread: readonly ObjectReference[];
  /** kubectl's error message for the first object that it could not read. @default - kubectl could read all objects */
  readonly reason?: string;
}

/**
 * Reads the objects of a synthesis from the cluster with one call of kubectl. If this call fails, calls kubectl once
 * for each object. Never throws: objects that kubectl cannot read are in `unread`.
 * @param folder folder with the manifests of the objects
 */
export async function findExistingObjects(
  objects: readonly RenderedObject[],
  folder: string,
  kubectl: Kubectl,
): Promise<ExistingObjects> {
  try {
    const flags = ['--recursive', '--filename', folder, '--ignore-not-found', '--output', 'json'];
    return { objects: parseObjectList(await kubectl('get', ...flags)), unread: [] };
  } catch {
    return findExistingObjectsOneByOne(
      objects.map(({ manifest }) => referenceOf(manifest)),
      kubectl,
    );
  }
}

async function findExistingObjectsOneByOne(
  references: readonly ObjectReference[],
  kubectl: Kubectl,
): Promise<ExistingObjects> {
  const found: ClusterObject[] = [];
  const unread: ObjectReference[] = [];
  let reason: string | undefined;
  for (const reference of references) {
    try {
      found.push(await getObjectIfKindAndNameExist(reference, kubectl));
    } catch (error) {
      unread.push(reference);
      reason ??= (error as Error).message;
    }
  }
  return { objects: found.filter((object) => object !== undefined), unread, reason };
}
