import { createHash } from 'node:crypto';
import type { k8s } from '../../core/k8s';
import type { Existing } from '../process/kubectl';

/** Alternatives of which a node meets one: a node selector is part of each of them. */
export type Placement = readonly k8s.NodeSelectorTerm[];

/** The label of nodes that have moved; its value names the placement that they moved to. */
export const MOVED_LABEL = 'edge-observability.io/placement';

/** The annotation of a DaemonSet that admits the nodes of two placements. */
export const BRIDGE_ANNOTATION = 'edge-observability.io/placement';

/** Two placements of a DaemonSet, of which the label of a node says which one counts for it. */
export interface Bridge {
  /** The value of the label. */
  readonly id: string;
  /** For nodes without it. @default - none: a DaemonSet that is new */
  readonly before?: Placement;
}

type Workload = Pick<Existing, 'spec'>;

/** Where the pods of a DaemonSet run. */
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

/** The same text for the same placements of DaemonSets, by their names. */
export const idOf = (placements: Readonly<Record<string, Placement>>): string =>
  createHash('sha256').update(JSON.stringify(placements)).digest('hex').slice(0, 12);

/** What the API server knows of a bridge. */
export function bridgeOf({ metadata }: Pick<Existing, 'metadata'>): Bridge | undefined {
  const text = metadata.annotations?.[BRIDGE_ANNOTATION];
  return text === undefined ? undefined : JSON.parse(text);
}

/** The DaemonSet under a template that admits both: nodes that have not moved as before, the others as `after` says. */
export function bridged(daemonSet: Existing, bridge: Bridge, after: Placement): Existing {
  const { metadata, spec } = daemonSet;
  const { nodeSelector, affinity, ...pod } = spec.template.spec;
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: bothOf(bridge, after) };
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

/** The terms of a bridge. */
export const bothOf = ({ id, before = [] }: Bridge, after: Placement): Placement => [
  ...before.map((term) => withLabel(term, 'NotIn', id)),
  ...after.map((term) => withLabel(term, 'In', id)),
];

const withLabel = (
  { matchExpressions = [], ...term }: k8s.NodeSelectorTerm,
  operator: 'In' | 'NotIn',
  id: string,
): k8s.NodeSelectorTerm => ({
  ...term,
  matchExpressions: [...matchExpressions, { key: MOVED_LABEL, operator, values: [id] }],
});
