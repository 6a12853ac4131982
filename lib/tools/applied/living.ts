import { type Existing, type Kubectl, tryPrintedObject } from '../process/kubectl';
import { type ObjectReference, typeOf } from './object-reference';

/**
 * Reads an object from the cluster; undefined if it does not exist.
 * @throws Error when kubectl may not read it.
 */
export async function tryLiving(object: ObjectReference, kubectl: Kubectl): Promise<Existing | undefined> {
  try {
    return await tryPrintedObject(kubectl, 'get', typeOf(object), object.name, ...inNamespace(object));
  } catch (error) {
    // Without the definition of its kind, the object does not exist either.
    if (error instanceof Error && /doesn't have a resource type/.test(error.message)) return undefined;
    throw error;
  }
}

/** Returns kubectl's arguments for the namespace of an object. */
export const inNamespace = ({ namespace }: ObjectReference): string[] =>
  namespace === undefined ? [] : ['--namespace', namespace];
