import { type ClusterObject, type Kubectl, listObjects } from '../process/kubectl';
import { withTemporaryFiles } from '../process/temporary-files';
import type { RenderedObject } from '../synthesis/render';
import { abbreviateObjectList, type ClusterState, type Collision } from './collision';
import { findExistingObjects } from './existing-objects';
import { findHostCollisions } from './foreign-hosts';
import { findCollisionsWithForeignPods } from './foreign-pods';
import { readInventories } from './inventory';
import { referenceKey, referenceOf } from './object-reference';
import { createStackMembershipCheck } from './ownership';

/** Result of `findCollisionsWithForeignObjects`. */
export interface Collisions {
  readonly collisions: readonly Collision[];
  /** Error messages of kubectl. Collisions with objects that kubectl could not read are not in `collisions`. */
  readonly readErrors: readonly string[];
}

/**
 * Finds collisions of a synthesis with objects in the cluster that are not part of this stack:
 * - objects with the same kind, namespace and name as an object of the synthesis;
 * - pods that a NetworkPolicy, a Service, a PodDisruptionBudget or a workload of the synthesis would select;
 * - pods on which a namespace of the synthesis would enforce a Pod Security level;
 * - routes for a host and path of the synthesis.
 * @throws Error when kubectl cannot read the inventories.
 */
export async function findCollisionsWithForeignObjects(
  all: readonly RenderedObject[],
  kubectl: Kubectl,
): Promise<Collisions> {
  const objects = all.filter(({ manifest }) => !manifest.apiVersion.startsWith('argoproj.io/'));
  const manifests = { 'objects.yaml': objects.map(({ yaml }) => yaml).join('---\n') };
  const existing = await withTemporaryFiles(manifests, (folder) =>
    findExistingObjects(objects, folder, kubectl),
  );
  const isOwn = createStackMembershipCheck(await readInventories(kubectl));
  const byKey = new Map(existing.objects.map((object) => [referenceKey(referenceOf(object)), object]));
  const clusterState: ClusterState = {
    objects,
    applied: ({ manifest }) => {
      const object = byKey.get(referenceKey(referenceOf(manifest)));
      return object && (manifest.kind === 'Namespace' || isOwn(object)) ? object : undefined;
    },
    isOwn,
    list: (types, ...args) => listObjects(kubectl, types, ...args),
  };
  const readErrors = existing.reason === undefined ? [] : [existing.reason];
  const collisions = findNameCollisions(existing.objects, isOwn);
  for (const findSome of [findCollisionsWithForeignPods, findHostCollisions]) {
    await findSome(clusterState).then(
      (found) => collisions.push(...found),
      (error: Error) => readErrors.push(error.message),
    );
  }
  return { collisions, readErrors };
}

/**
 * Returns one collision for all objects outside of this stack that a synthesis would overwrite. Returns an empty list
 * if there are no such objects. A namespace that exists is not a collision.
 * @param existing objects in the cluster with the same kind, namespace and name as an object of the synthesis
 */
function findNameCollisions(existing: readonly ClusterObject[], isOwn: ClusterState['isOwn']): Collision[] {
  const others = existing.filter((object) => object.kind !== 'Namespace' && !isOwn(object));
  if (others.length === 0) return [];
  return [
    {
      message: `applying would change objects that are not part of this stack: ${abbreviateObjectList(others)}`,
      remedy:
        'set other namespaces in settings.namespaces, or first delete these objects if nothing uses them',
      isApplied: false,
    },
  ];
}
