import { createHash } from 'node:crypto';
import type { k8s } from '../../core/k8s';
import type { ClusterObject } from '../process/kubectl';

/** Alternative node selector terms; a node selector is included in each of them. */
export type Placement = readonly k8s.NodeSelectorTerm[];

/** Label of nodes that were moved; its value identifies the placement that they were moved to. */
export const MOVED_LABEL = 'edge-observability.io/placement';

/** Annotation of a DaemonSet that allows the nodes of two placements. */
export const BRIDGE_ANNOTATION = 'edge-observability.io/placement';

/** Two placements of a DaemonSet; a label of each node determines which one applies. */
export interface Bridge {
  /** Value of the label. */
  readonly id: string;
  /** Placement for nodes without the label. @default - none; the DaemonSet is new */
  readonly before?: Placement;
}

type Workload = Pick<ClusterObject, 'spec'>;

/** Returns the placement of a DaemonSet's pods. */
export function placementOf({ spec }: Workload): Placement {
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

/** Returns an ID of DaemonSets' placements. */
export const hashPlacements = (placements: Readonly<Record<string, Placement>>): string =>
  createHash('sha256').update(JSON.stringify(placements)).digest('hex').slice(0, 12);

/** Reads the bridge from a DaemonSet's annotation. */
export function parseBridge({ metadata }: Pick<ClusterObject, 'metadata'>): Bridge | undefined {
  const text = metadata.annotations?.[BRIDGE_ANNOTATION];
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Returns the DaemonSet with a template that allows both placements: the former one for nodes that were not
 * moved, `after` for the others.
 */
export function bridgePlacements(daemonSet: ClusterObject, bridge: Bridge, after: Placement): ClusterObject {
  const { metadata, spec } = daemonSet;
  const { nodeSelector, affinity, ...pod } = spec.template.spec;
  const requiredDuringSchedulingIgnoredDuringExecution = {
    nodeSelectorTerms: combinePlacements(bridge, after),
  };
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution };
  const annotations = { ...metadata.annotations, [BRIDGE_ANNOTATION]: JSON.stringify(bridge) };
  return {
    ...daemonSet,
    metadata: { ...metadata, annotations },
    spec: {
      ...spec,
      template: { ...spec.template, spec: { ...pod, affinity: { ...affinity, nodeAffinity } } },
    },
  };
}

/** Returns the node selector terms of a bridge. */
export const combinePlacements = ({ id, before = [] }: Bridge, after: Placement): Placement => [
  ...before.map((term) => requireMovedLabel(term, 'NotIn', id)),
  ...after.map((term) => requireMovedLabel(term, 'In', id)),
];

const requireMovedLabel = (
  { matchExpressions = [], ...term }: k8s.NodeSelectorTerm,
  operator: 'In' | 'NotIn',
  id: string,
): k8s.NodeSelectorTerm => ({
  ...term,
  matchExpressions: [...matchExpressions, { key: MOVED_LABEL, operator, values: [id] }],
});
