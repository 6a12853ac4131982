import { type ClusterObject, type Kubectl, parseObjectList } from '../process/kubectl';
import type { RenderedObject } from '../synthesis/render';
import { tryGetObject } from './get-object';
import { type ObjectReference, referenceOf } from './object-reference';

/** Objects of a synthesis that exist in the cluster. */
export interface ExistingObjects {
  readonly objects: readonly ClusterObject[];
  /** Objects that may not be read. */
  readonly unread: readonly ObjectReference[];
  /** kubectl's error message for the first of them. @default - all could be read */
  readonly reason?: string;
}

/** Reads objects with one call for all; if kubectl fails, with one call for each. */
export async function findExistingObjects(
  objects: readonly RenderedObject[],
  folder: string,
  kubectl: Kubectl,
): Promise<ExistingObjects> {
  try {
    const flags = ['--recursive', '--filename', folder, '--ignore-not-found', '--output', 'json'];
    return { objects: parseObjectList(await kubectl('get', ...flags)), unread: [] };
  } catch {
    return findObjectsOneByOne(
      objects.map(({ manifest }) => referenceOf(manifest)),
      kubectl,
    );
  }
}

async function findObjectsOneByOne(
  references: readonly ObjectReference[],
  kubectl: Kubectl,
): Promise<ExistingObjects> {
  const found: ClusterObject[] = [];
  const unread: ObjectReference[] = [];
  let reason: string | undefined;
  for (const reference of references) {
    try {
      found.push(await tryGetObject(reference, kubectl));
    } catch (error) {
      unread.push(reference);
      reason ??= (error as Error).message;
    }
  }
  return { objects: found.filter((object) => object !== undefined), unread, reason };
}
