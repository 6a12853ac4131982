import { type ObjectReference, referenceKey, referenceOf } from '../applied/object-reference';
import { type ClusterObject, type Kubectl, listObjects } from '../process/kubectl';
import { isEdgeWorkload } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import {
  copyDaemonSetForOldOrNewPlacement,
  hashPlacements,
  MOVE_ANNOTATION,
  type Placement,
  parseMoveAnnotationOfDaemonSet,
  placementOfDaemonSet,
} from './placement-move';

/** Result of `planReplacementsThatKeepPlacement`. */
export interface KeptPlacement {
  /**
   * DaemonSets to apply instead of the DaemonSets of the synthesis with the same names, and DaemonSets that the synthesis no longer
   * contains. Each node then keeps its pods until `rollout --placement` moves the node.
   */
  readonly daemonSets: readonly ClusterObject[];
  /** Problems of DaemonSets whose placement cannot be kept. The list is empty if all placements can be kept. */
  readonly refusals: readonly string[];
}

/** Returns whether a DaemonSet has the update strategy `OnDelete`. */
const hasOnDeleteUpdateStrategy = ({ spec }: ClusterObject): boolean =>
  spec.updateStrategy?.type === 'OnDelete';

const isEdgeDaemonSet = (manifest: ClusterObject): boolean =>
  manifest.kind === 'DaemonSet' && isEdgeWorkload({ manifest });

/** Reads the edge DaemonSets in the cluster by `referenceKey`, in all namespaces with an edge DaemonSet of the synthesis. */
export async function readEdgeDaemonSets(
  objects: readonly RenderedObject[],
  kubectl: Kubectl,
): Promise<Map<string, ClusterObject>> {
  const edge = objects.map(({ manifest }) => manifest).filter(isEdgeDaemonSet);
  const living: ClusterObject[] = [];
  for (const namespace of new Set(edge.map(({ metadata }) => metadata.namespace))) {
    living.push(...(await listObjects(kubectl, 'daemonsets', '--namespace', namespace)));
  }
  const whole = living.map((one) => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...one }));
  return new Map(whole.filter(isEdgeDaemonSet).map((one) => [referenceKey(referenceOf(one)), one]));
}

/** Returns the placements of the edge DaemonSets of a synthesis, by `referenceKey`. */
export const placementsOfEdgeDaemonSets = (objects: readonly RenderedObject[]) =>
  new Map(
    objects
      .map(({ manifest }) => manifest)
      .filter(isEdgeDaemonSet)
      .map((manifest) => [referenceKey(referenceOf(manifest)), placementOfDaemonSet(manifest)] as const),
  );

/**
 * Returns replacements: DaemonSets to apply until `rollout --placement` has moved all nodes.
 * - If the placement or the tolerations of an edge DaemonSet differ from the cluster, its replacement selects the nodes
 * of the old and the new placement. Each node then keeps its pods until the node is moved.
 * - The replacement of a new DaemonSet selects only moved nodes.
 * - If the synthesis no longer contains a DaemonSet in `recorded`, its replacement selects only nodes that have not
 * been moved.
 * @param recorded objects in the inventory of the environment
 * @throws Error when kubectl fails.
 */
export async function planReplacementsThatKeepPlacement(
  objects: readonly RenderedObject[],
  recorded: readonly ObjectReference[],
  kubectl: Kubectl,
): Promise<KeptPlacement> {
  const living = await readEdgeDaemonSets(objects, kubectl);
  const placements = placementsOfEdgeDaemonSets(objects);
  const id = hashPlacements(
    Object.fromEntries([...placements].sort(([one], [other]) => (one < other ? -1 : 1))),
  );
  const wanted = objects.map(({ manifest }) => manifest).filter(isEdgeDaemonSet);
  const changed = wanted.filter((manifest) =>
    needsReplacementToKeepPlacement(manifest, living.get(referenceKey(referenceOf(manifest)))),
  );
  const left = recorded.filter((one) => one.kind === 'DaemonSet' && !placements.has(referenceKey(one)));
  const leaving = left.flatMap((one) => living.get(referenceKey(one)) ?? []);
  return {
    daemonSets: [
      ...changed.map((manifest) => {
        const now = living.get(referenceKey(referenceOf(manifest)));
        return copyDaemonSetForOldOrNewPlacement(
          manifest,
          { id, before: now && placementBeforeMove(now, id) },
          placementOfDaemonSet(manifest),
        );
      }),
      ...leaving.map((now) =>
        copyDaemonSetForOldOrNewPlacement(
          omitFieldsSetByApiServer(now),
          { id, before: placementBeforeMove(now, id) },
          [],
        ),
      ),
    ],
    refusals: changed.flatMap((manifest) =>
      stepwiseMoveProblems(manifest, living.get(referenceKey(referenceOf(manifest)))),
    ),
  };
}

/**
 * Returns the placement for nodes that have not been moved yet. If the move `id` is in progress, this is the placement
 * before the move. Otherwise, this is the current placement in the cluster. Returns `undefined` if the move created the
 * DaemonSet.
 */
function placementBeforeMove(now: ClusterObject, id: string): Placement | undefined {
  const move = parseMoveAnnotationOfDaemonSet(now);
  return move?.id === id ? move.before : placementOfDaemonSet(now);
}

/**
 * Returns whether to apply a replacement (see `planReplacementsThatKeepPlacement`) instead of the DaemonSet of the
 * synthesis: the DaemonSet is new, its placement or tolerations change, or a move is in progress.
 * @param now the DaemonSet in the cluster; undefined if it does not exist
 */
function needsReplacementToKeepPlacement(manifest: ClusterObject, now: ClusterObject | undefined): boolean {
  if (!now) return true;
  return (
    parseMoveAnnotationOfDaemonSet(now) !== undefined ||
    !isSameJson(placementOfDaemonSet(manifest), placementOfDaemonSet(now)) ||
    haveDifferentTolerations(manifest, now)
  );
}

function stepwiseMoveProblems(manifest: ClusterObject, now: ClusterObject | undefined): string[] {
  const name = `${manifest.metadata.namespace}/${manifest.metadata.name}`;
  if (!hasOnDeleteUpdateStrategy(manifest)) {
    return [
      `the DaemonSet ${name} has an update strategy other than OnDelete, so the cluster would replace its pods immediately`,
    ];
  }
  if (now && haveDifferentTolerations(manifest, now)) {
    return [`the tolerations of the DaemonSet ${name} change, and this change affects all nodes at once`];
  }
  return [];
}

const haveDifferentTolerations = (one: ClusterObject, other: ClusterObject): boolean =>
  !isSameJson(one.spec.template.spec.tolerations ?? [], other.spec.template.spec.tolerations ?? []);

/** Returns whether two values are equal as JSON, regardless of the order of keys. */
export const isSameJson = (one: unknown, other: unknown): boolean =>
  canonicalJson(one) === canonicalJson(other);

const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, held) =>
    held && typeof held === 'object' && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );

/** Returns an object of the cluster without the fields that the API server sets, so that it can be applied. */
function omitFieldsSetByApiServer({ apiVersion, kind, metadata, spec }: ClusterObject): ClusterObject {
  const { name, namespace, labels, annotations = {} } = metadata;
  const own = Object.entries(annotations).filter(
    ([key]) => !/^(kubectl\.kubernetes|deprecated\.daemonset)/.test(key),
  );
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations: Object.fromEntries(own) },
    spec,
  };
}

/** Returns whether a DaemonSet in the cluster selects the nodes of two placements, because a move is in progress. */
export const isPlacementMoveInProgress = ({ metadata }: ClusterObject): boolean =>
  metadata.annotations?.[MOVE_ANNOTATION] !== undefined;
