import { type ClusterObject, getObjectIfExists, type Kubectl } from '../process/kubectl';
import { kubectlType, type ObjectReference } from './object-reference';

/**
 * Reads an object from the cluster; undefined if it does not exist.
 * @throws Error when kubectl may not read it.
 */
export async function tryGetObject(
  object: ObjectReference,
  kubectl: Kubectl,
): Promise<ClusterObject | undefined> {
  try {
    return await getObjectIfExists(
      kubectl,
      'get',
      kubectlType(object),
      object.name,
      ...namespaceFlags(object),
    );
  } catch (error) {
    // Without the definition of its kind, the object does not exist either.
    if (error instanceof Error && /doesn't have a resource type/.test(error.message)) return undefined;
    throw error;
  }
}

/** Returns kubectl's arguments for the namespace of an object. */
export const namespaceFlags = ({ namespace }: ObjectReference): string[] =>
  namespace === undefined ? [] : ['--namespace', namespace];
