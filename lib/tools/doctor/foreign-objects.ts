import { findCollisionsWithForeignObjects } from '../applied/foreign-objects';
import type { Check } from './check';
import { type CheckFinding, okFinding, problemFinding } from './finding';

/** Checks whether the manifests would overwrite or select objects outside of the stack, or take over their traffic. */
export const foreignObjects: Check = {
  name: 'other objects',
  run: async ({ kubectl, objects }) => {
    const { collisions, readErrors } = await findCollisionsWithForeignObjects(objects, kubectl);
    const found: CheckFinding[] = collisions.map(({ message, remedy }) => problemFinding(message, remedy));
    const unknown = readErrors.map(
      (reason): CheckFinding => ({
        verdict: 'unknown',
        message: `the check could not be performed: ${reason}`,
        remedy:
          'use an account with permission to read workloads, ingresses and the objects in the manifests',
      }),
    );
    return found.length + unknown.length
      ? [...found, ...unknown]
      : [okFinding('the manifests do not affect objects outside of this stack')];
  },
};
