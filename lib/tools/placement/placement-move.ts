import { createHash } from 'node:crypto';
import type { k8s } from '../../core/k8s';
import type { ClusterObject } from '../process/kubectl';

/**
 * The nodes that a DaemonSet selects, as a list of node selector terms. A node must match at least one term. Each term
 * includes the labels of the pod's `nodeSelector`.
 */
export type Placement = readonly k8s.NodeSelectorTerm[];

/**
 * Label that `rollout --placement` sets on a node, so that DaemonSets select the node by their new placement. The value
 * is the ID of the `PlacementMove`.
 */
export const MOVED_LABEL = 'edge-observability.io/placement';

/**
 * Annotation of a DaemonSet during a move, when the DaemonSet selects the nodes of its old and of its new placement.
 * The value is the `PlacementMove` as JSON.
 */
export const MOVE_ANNOTATION = 'edge-observability.io/placement';

/**
 * Move of a DaemonSet to a new placement. During the move, the DaemonSet has two placements: the old placement for nodes whose
 * label `MOVED_LABEL` is not `id`, and the new placement for nodes whose label is `id`.
 */
export interface PlacementMove {
  /** ID of the new placement, which is the value of the label `MOVED_LABEL` on moved nodes. */
  readonly id: string;
  /** Placement for nodes that have not been moved. @default - the DaemonSet is new, and only selects moved nodes */
  readonly before?: Placement;
}

/** A workload with its spec, from a manifest or from the cluster. */
type ObjectWithSpec = Pick<ClusterObject, 'spec'>;

/** Returns the placement of a DaemonSet, from the node affinity and the node selector of its pods. */
export function placementOfDaemonSet({ spec }: ObjectWithSpec): Placement {
  const { nodeSelector = {}, affinity } = spec.template.spec;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selected = Object.entries(nodeSelector).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  const terms: Placement = required?.nodeSelectorTerms ?? [{}];
  return terms.map(({ matchExpressions = [], ...term }) => ({
    ...term,
    matchExpressions: [...matchExpressions, ...(selected as k8s.NodeSelectorRequirement[])],
  }));
}

/** Returns a short hash of the placements of all DaemonSets. The hash identifies a move. */
export const hashPlacements = (placements: Readonly<Record<string, Placement>>): string =>
  createHash('sha256').update(JSON.stringify(placements)).digest('hex').slice(0, 12);

/** Parses the move in the annotation of a DaemonSet. Returns `undefined` if the DaemonSet has no such annotation. */
export function parseMoveAnnotationOfDaemonSet({
  metadata,
}: Pick<ClusterObject, 'metadata'>): PlacementMove | undefined {
  const text = metadata.annotations?.[MOVE_ANNOTATION];
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Returns a copy of a DaemonSet that selects the nodes of two placements: `move.before` for nodes that have not been moved, and
 * `after` for nodes that have been moved.
 */
export function copyDaemonSetForOldOrNewPlacement(
  daemonSet: ClusterObject,
  move: PlacementMove,
  after: Placement,
): ClusterObject {
  const { metadata, spec } = daemonSet;
  const { nodeSelector, affinity, ...pod } = spec.template.spec;
  const requiredDuringSchedulingIgnoredDuringExecution = {
    nodeSelectorTerms: combineOldAndNewPlacement(move, after),
  };
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution };
  const annotations = { ...metadata.annotations, [MOVE_ANNOTATION]: JSON.stringify(move) };
  return {
    ...daemonSet,
    metadata: { ...metadata, annotations },
    spec: {
      ...spec,
      template: { ...spec.template, spec: { ...pod, affinity: { ...affinity, nodeAffinity } } },
    },
  };
}

/**
 * Returns the node selector terms of a DaemonSet during a move: the terms of the old placement for nodes that have not
 * been moved, and the terms of the new placement `after` for moved nodes.
 */
export const combineOldAndNewPlacement = (
  { id, before = [] }: PlacementMove,
  after: Placement,
): Placement => [
  ...before.map((term) => addMovedLabelRequirement(term, 'NotIn', id)),
  ...after.map((term) => addMovedLabelRequirement(term, 'In', id)),
];

const addMovedLabelRequirement = (
  { matchExpressions = [], ...term }: k8s.NodeSelectorTerm,
  operator: 'In' | 'NotIn',
  id: string,
): k8s.NodeSelectorTerm => ({
  ...term,
  matchExpressions: [...matchExpressions, { key: MOVED_LABEL, operator, values: [id] }],
});
