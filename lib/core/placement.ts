import type { k8s } from './k8s';
import type { Identity } from './labels';
import type { Rule } from './validation';

/** The label that KubeEdge sets on edge nodes. */
export const EDGE_LABEL = 'node-role.kubernetes.io/edge';

/** A taint that many teams set on edge nodes; KubeEdge itself sets none. */
export const EDGE_TOLERATION = {
  key: EDGE_LABEL,
  operator: 'Exists',
  effect: 'NoSchedule',
} as const satisfies k8s.Toleration;

/** The label of every node for its operating system. */
export const OS_LABEL = 'kubernetes.io/os';

/** The label of every node for its architecture. */
export const ARCHITECTURE_LABEL = 'kubernetes.io/arch';

/** Architectures of edge nodes, as values of that label; `arm` is 32-bit. */
export const ARCHITECTURES = ['amd64', 'arm64', 'arm'] as const;

/** An architecture of edge nodes. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** Rule for a non-empty list of architectures. */
export const architectures: Rule = {
  allowed: `a list of one or more of ${ARCHITECTURES.join(', ')}`,
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((one) => ARCHITECTURES.includes(one)),
};

/**
 * The label of nodes whose Docker daemon sends container logs to Loki; the log collector does not run there.
 */
export const DOCKER_DRIVER_LABEL = { 'edge-observability.io/logs': 'docker-driver' } as const;

/** A set of requirements on a node's labels, which it must all meet. */
export type NodeRequirements = readonly k8s.NodeSelectorRequirement[];

/** The label that holds the KubeEdge NodeGroup of a node. */
export const NODE_GROUP_LABEL = 'apps.kubeedge.io/belonging-to';

/**
 * Returns the affinity for edge nodes: only those that meet one of several sets of requirements, and none
 * that has one of the excluded labels.
 * @default - every edge node
 */
export const edgeAffinity = (
  alternatives: readonly NodeRequirements[] = [[]],
  excluded: Readonly<Record<string, readonly string[]>> = {},
): k8s.Affinity => {
  const others = Object.entries(excluded)
    .filter(([, values]) => values.length > 0)
    .map(([key, values]) => ({
      key,
      operator: 'NotIn',
      values: [...values],
    }));
  return requireNodes(
    (alternatives.length ? alternatives : [[]]).map((more) => [
      { key: EDGE_LABEL, operator: 'Exists' },
      ...more,
      ...others,
    ]),
  );
};

/**
 * Returns the affinity for cloud nodes.
 *
 * CloudCore creates the Node of a joining edge node without labels and adds them a moment later. Until then
 * it lacks the edge label, like a cloud node; a label that only kubelets set themselves distinguishes the
 * two.
 */
export const cloudNodeAffinity = (): k8s.Affinity =>
  requireNodes([
    [
      { key: EDGE_LABEL, operator: 'DoesNotExist' },
      { key: OS_LABEL, operator: 'In', values: ['linux'] },
    ],
  ]);

/** Returns the anti-affinity that prefers another node for each replica. */
export const podAntiAffinity = (identity: Identity): k8s.Affinity => ({
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: {
          labelSelector: { matchLabels: identity.selector },
          topologyKey: 'kubernetes.io/hostname',
        },
      },
    ],
  },
});

/** Returns the constraint that prefers an even spread of replicas over zones. */
export const zoneSpreadConstraint = (identity: Identity): k8s.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: 'topology.kubernetes.io/zone',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: identity.selector },
});

function requireNodes(alternatives: readonly NodeRequirements[]): k8s.Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: alternatives.map((requirements) => ({ matchExpressions: [...requirements] })),
      },
    },
  };
}
