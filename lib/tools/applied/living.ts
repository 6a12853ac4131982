import { type Existing, type Kubectl, tryPrintedObject } from '../process/kubectl';
import { type ObjectReference, typeOf } from './object-reference';

/** The object as the cluster has it now, if it has one. @throws Error when kubectl may not read it. */
export async function tryLiving(object: ObjectReference, kubectl: Kubectl): Promise<Existing | undefined> {
  try {
    return await tryPrintedObject(kubectl, 'get', typeOf(object), object.name, ...inNamespace(object));
  } catch (error) {
    // Without the definition of its kind, there is no object of the kind either.
    if (error instanceof Error && /doesn't have a resource type/.test(error.message)) return undefined;
    throw error;
  }
}

/** Where the object is, as arguments of kubectl. */
export const inNamespace = ({ namespace }: ObjectReference): string[] =>
  namespace === undefined ? [] : ['--namespace', namespace];
