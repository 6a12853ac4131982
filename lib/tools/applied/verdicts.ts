import type { ClusterObject, Kubectl } from '../process/kubectl';
import { getObjectIfKindAndNameExist } from './get-object';
import { type AppliedObject, referenceKey } from './object-reference';

/**
 * The decision of `prune` about an object: delete it, keep it, or `gone` if the cluster does not contain the object.
 */
export interface PruneDecision {
  readonly object: AppliedObject;
  readonly verdict: 'delete' | 'keep' | 'gone';
  /** Reason why the object is kept. @default - the object is not kept */
  readonly reason?: string;
}

/** Kinds of objects that `prune` never deletes, and the reason for each kind. */
const NEVER_DELETED: Readonly<Record<string, string>> = {
  Namespace: 'deleting a namespace deletes all objects in it, including PersistentVolumeClaims',
  PersistentVolumeClaim: 'the volume may contain data',
  PersistentVolume: 'the volume may contain data',
  CustomResourceDefinition: 'deleting a CRD deletes every object of its kind',
  Secret: 'the Secret may contain a password that is stored nowhere else',
  Endpoints: 'the object belongs to a Service',
  EndpointSlice: 'the object belongs to a Service',
};

/**
 * Kinds of objects that `prune` deletes first. The kinds in `DELETED_LAST` are deleted last, and all other kinds in
 * between.
 */
const DELETED_FIRST = ['DaemonSet', 'Deployment', 'StatefulSet', 'Ingress', 'Service'];
/** Kinds of objects that `prune` deletes last, because running pods need these objects until the pods have ended. */
const DELETED_LAST = ['ServiceAccount', 'RoleBinding', 'ClusterRoleBinding', 'Role', 'ClusterRole'];

/**
 * Decides for each object whether `prune` deletes it, based on the current state of the object in the cluster. Returns the
 * decisions in the order of deletion.
 * @param needed keys of objects that must not be deleted (see `referenceKey`)
 * @throws Error when kubectl fails.
 */
export async function decideDeletions(
  objects: readonly AppliedObject[],
  needed: ReadonlySet<string>,
  kubectl: Kubectl,
): Promise<PruneDecision[]> {
  const decisions: PruneDecision[] = [];
  for (const object of sortForDeletion(objects))
    decisions.push(decideDeletion(object, await getObjectIfKindAndNameExist(object, kubectl), needed));
  return decisions;
}

function sortForDeletion(objects: readonly AppliedObject[]): AppliedObject[] {
  const deletionRank = ({ kind }: AppliedObject) =>
    DELETED_FIRST.includes(kind)
      ? DELETED_FIRST.indexOf(kind) - DELETED_FIRST.length
      : DELETED_LAST.indexOf(kind) + 1;
  return [...objects].sort(
    (one, other) =>
      deletionRank(one) - deletionRank(other) || (referenceKey(one) < referenceKey(other) ? -1 : 1),
  );
}

function decideDeletion(
  object: AppliedObject,
  now: ClusterObject | undefined,
  needed: ReadonlySet<string>,
): PruneDecision {
  if (!now) return { object, verdict: 'gone' };
  const reason = reasonToKeepObject(object, now, needed);
  return reason === undefined ? { object, verdict: 'delete' } : { object, verdict: 'keep', reason };
}

function reasonToKeepObject(
  object: AppliedObject,
  { metadata: { uid, ownerReferences = [] } }: ClusterObject,
  needed: ReadonlySet<string>,
): string | undefined {
  const [owner] = ownerReferences;
  if (NEVER_DELETED[object.kind]) return NEVER_DELETED[object.kind];
  if (needed.has(referenceKey(object))) return 'the object is part of an environment';
  if (uid !== object.uid) return 'the object was deleted and re-created since "apply" recorded it';
  return owner && `the object belongs to ${owner.kind} ${owner.name}`;
}
