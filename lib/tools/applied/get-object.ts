import { type ClusterObject, getObjectIfExists, type Kubectl } from '../process/kubectl';
import { kubectlResourceType, type ObjectReference } from './object-reference';

/**
 * Reads an object from the cluster. Returns `undefined` if the object or its kind does not exist.
 * @throws Error when kubectl fails, such as for a missing permission.
 */
export async function getObjectIfKindAndNameExist(
  object: ObjectReference,
  kubectl: Kubectl,
): Promise<ClusterObject | undefined> {
  try {
    return await getObjectIfExists(
      kubectl,
      'get',
      kubectlResourceType(object),
      object.name,
      ...kubectlNamespaceFlags(object),
    );
  } catch (error) {
    // If the cluster does not know the kind, the object does not exist either.
    if (error instanceof Error && /doesn't have a resource type/.test(error.message)) return undefined;
    throw error;
  }
}

/** Returns kubectl's arguments for the namespace of an object. Returns an empty list for cluster-scoped objects. */
export const kubectlNamespaceFlags = ({ namespace }: ObjectReference): string[] =>
  namespace === undefined ? [] : ['--namespace', namespace];
