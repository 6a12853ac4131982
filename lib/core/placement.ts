import type { k8s } from './k8s';
import type { Identity } from './labels';
import type { Rule } from './validation';

/** Label that KubeEdge sets on edge nodes. */
export const EDGE_LABEL = 'node-role.kubernetes.io/edge';

/** Toleration for a taint that many teams set on edge nodes. KubeEdge itself sets no taint. */
export const EDGE_TOLERATION = {
  key: EDGE_LABEL,
  operator: 'Exists',
  effect: 'NoSchedule',
} as const satisfies k8s.Toleration;

/** Label with the operating system of a node. The kubelet sets it on every node. */
export const OS_LABEL = 'kubernetes.io/os';

/** Label with the architecture of a node. The kubelet sets it on every node. */
export const ARCHITECTURE_LABEL = 'kubernetes.io/arch';

/** Supported architectures of edge nodes, as values of `ARCHITECTURE_LABEL`. `arm` is 32-bit. */
export const ARCHITECTURES = ['amd64', 'arm64', 'arm'] as const;

/** An architecture of edge nodes. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** Validation rule for a non-empty list of architectures. */
export const architectures: Rule = {
  allowed: `a list of one or more of ${ARCHITECTURES.join(', ')}`,
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((one) => ARCHITECTURES.includes(one)),
};

/**
 * Label of nodes on which Docker's log driver pushes container logs to Loki. The log collector does not run on
 * these nodes.
 */
export const DOCKER_DRIVER_LABEL = { 'edge-observability.io/logs': 'docker-driver' } as const;

/** Requirements on the labels of a node. The node must meet all requirements. */
export type NodeRequirements = readonly k8s.NodeSelectorRequirement[];

/** Label with the KubeEdge NodeGroup of a node. */
export const NODE_GROUP_LABEL = 'apps.kubeedge.io/belonging-to';

/**
 * Returns the affinity for edge nodes.
 * @param alternatives sets of requirements; a node must meet all requirements of at least one set. With an empty
 * list, all edge nodes match
 * @param excluded values that a node must not have, by label
 */
export const edgeNodeAffinity = (
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
  return requiredNodeAffinity(
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
 * A cloud node does not have KubeEdge's label for edge nodes, but has a label that the kubelet sets. Both
 * conditions are needed: CloudCore creates the Node of a new edge node without labels, and adds the labels a
 * moment later.
 */
export const cloudNodeAffinity = (): k8s.Affinity =>
  requiredNodeAffinity([
    [
      { key: EDGE_LABEL, operator: 'DoesNotExist' },
      { key: OS_LABEL, operator: 'In', values: ['linux'] },
    ],
  ]);

/** Returns the anti-affinity with which the scheduler prefers different nodes for the replicas. */
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

/** Returns the topology spread constraint with which the scheduler prefers different zones for the replicas. */
export const zoneSpreadConstraint = (identity: Identity): k8s.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: 'topology.kubernetes.io/zone',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: identity.selector },
});

function requiredNodeAffinity(alternatives: readonly NodeRequirements[]): k8s.Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: alternatives.map((requirements) => ({ matchExpressions: [...requirements] })),
      },
    },
  };
}
