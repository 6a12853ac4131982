import { PART_OF } from '../../core/labels';
import type { ClusterObject } from '../process/kubectl';
import { podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import { abbreviateObjectList, type ClusterState, type Collision } from './collision';
import { formatReference, referenceOf } from './object-reference';
import { hasAllWantedLabels, type Labels } from './ownership';

/** Kinds of objects that run pods, and pods themselves. */
const WORKLOADS =
  'deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,jobs.batch,cronjobs.batch,pods';

/** The pods that an object of the synthesis selects: all pods in `namespace` with `labels`. */
interface PodSelection {
  readonly namespace: string;
  readonly labels: Labels;
  /** The object that selects the pods, such as `Service monitoring/loki`. An error message begins with this text. */
  readonly by: string;
  /** What the object does to the pods, such as `would select pods that are not part of this stack`. */
  readonly effect: string;
  readonly remedy: string;
}

/**
 * Checks whether objects of the synthesis, such as Services, would select pods that are not part of this stack, and
 * returns these collisions. An object causes no collision if it already exists in the cluster with the same selection
 * of pods.
 */
export async function findCollisionsWithForeignPods({
  objects,
  applied,
  isOwn,
  list,
}: ClusterState): Promise<Collision[]> {
  const selections = objects.flatMap((object) => {
    const selection = podSelectionOfObject(object.manifest);
    const now = applied(object);
    return selection && !(now && isSamePodSelection(selection, podSelectionOfObject(now))) ? [selection] : [];
  });
  const found: Collision[] = [];
  for (const namespace of new Set(selections.map((selection) => selection.namespace))) {
    const others = workloadsWithoutOwnerInList(await list(WORKLOADS, '--namespace', namespace)).filter(
      (workload) => !isOwn(workload) && !hasAllWantedLabels(PART_OF, podLabelsOfWorkload(workload)),
    );
    const ofNamespace = selections.filter((one) => one.namespace === namespace);
    found.push(...findCollisionsOfPodSelections(ofNamespace, others));
  }
  return found;
}

/**
 * Returns a collision for each selection of this stack that would affect pods of `others`, which are workloads outside
 * of this stack. Merges collisions that differ only in the selecting object: `Service ns/a, Service ns/b would ...`.
 */
function findCollisionsOfPodSelections(
  selections: readonly PodSelection[],
  others: readonly ClusterObject[],
): Collision[] {
  const groups = new Map<string, { end: string; by: string[]; remedy: string }>();
  for (const { labels, by, effect, remedy } of selections) {
    const selected = others.filter((workload) => hasAllWantedLabels(labels, podLabelsOfWorkload(workload)));
    if (selected.length === 0) continue;
    const end = `${effect}: ${abbreviateObjectList(selected)}`;
    const group = groups.get(end + remedy) ?? { end, by: [], remedy };
    group.by.push(by);
    groups.set(end + remedy, group);
  }
  return [...groups.values()].map(({ end, by, remedy }) => ({
    ...{ message: `${by.join(', ')} ${end}`, remedy, isApplied: false },
  }));
}

const SHARE_REMEDY = 'set other namespaces in settings.namespaces, or set sharedNamespaces to true';
const MOVE_REMEDY = 'set other namespaces in settings.namespaces';

function podSelectionOfObject(manifest: RenderedObject['manifest']): PodSelection | undefined {
  const { kind, metadata, spec } = manifest;
  if (kind === 'Namespace') return podsAffectedByPodSecurityLevel(manifest);
  const labels =
    kind === 'NetworkPolicy' ? (spec.podSelector.matchLabels ?? {}) : labelsInPodSelector(manifest);
  if (!labels) return undefined;
  return {
    namespace: metadata.namespace,
    labels,
    by: formatReference(referenceOf(manifest)),
    effect: 'would select pods that are not part of this stack',
    remedy: kind === 'NetworkPolicy' && Object.keys(labels).length === 0 ? SHARE_REMEDY : MOVE_REMEDY,
  };
}

/** Returns the labels that a workload, a Service or a PodDisruptionBudget selects. Returns `undefined` for other objects. */
function labelsInPodSelector({ kind, spec }: RenderedObject['manifest']): Labels | undefined {
  if (kind === 'Service') return spec.selector;
  return podSpecOfManifest({ kind, spec }) || kind === 'PodDisruptionBudget'
    ? spec.selector?.matchLabels
    : undefined;
}

/**
 * Returns the pods that the Pod Security level of a namespace affects: all pods of the namespace. Returns `undefined` for a
 * namespace without a level, and for the level `privileged`, which refuses no pods.
 */
function podsAffectedByPodSecurityLevel({
  metadata: { name, labels = {} },
}: RenderedObject['manifest']): PodSelection | undefined {
  const level = labels['pod-security.kubernetes.io/enforce'];
  if (!level || level === 'privileged') return undefined;
  return {
    namespace: name,
    labels: {},
    by: `Namespace ${name}`,
    effect: `would enforce the Pod Security level "${level}" on pods that are not part of this stack`,
    remedy: SHARE_REMEDY,
  };
}

const isSamePodSelection = (one: PodSelection, other: PodSelection | undefined): boolean =>
  other !== undefined && one.effect === other.effect && areEqualLabels(one.labels, other.labels);

const areEqualLabels = (one: Labels, other: Labels): boolean =>
  hasAllWantedLabels(one, other) && hasAllWantedLabels(other, one);

/** Returns the workloads that no other workload in `workloads` owns, such as Deployments without their ReplicaSets. */
function workloadsWithoutOwnerInList(workloads: readonly ClusterObject[]): ClusterObject[] {
  const uids = new Set(workloads.map(({ metadata }) => metadata.uid));
  return workloads.filter(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.every(({ uid }: { uid: string }) => !uids.has(uid)),
  );
}

/** Returns the labels of a workload's pods. Returns an empty object if the pods have no labels. */
function podLabelsOfWorkload({ kind, metadata, spec }: ClusterObject): Labels {
  const workload = kind === 'CronJob' ? spec.jobTemplate.spec : spec;
  return (kind === 'Pod' ? metadata : workload.template?.metadata)?.labels ?? {};
}
