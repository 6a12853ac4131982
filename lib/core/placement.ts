import type { k8s } from './k8s';
import type { Identity } from './labels';
import type { Rule } from './validation';

/** The label that KubeEdge gives to the nodes that joined at the edge. */
export const EDGE_LABEL = 'node-role.kubernetes.io/edge';

/** The taint that many teams put on edge nodes; KubeEdge itself sets none. */
export const EDGE_TOLERATION = {
  key: EDGE_LABEL,
  operator: 'Exists',
  effect: 'NoSchedule',
} as const satisfies k8s.Toleration;

/** The label that every node carries for its operating system. */
export const OS_LABEL = 'kubernetes.io/os';

/** The label that every node carries for its architecture. */
export const ARCHITECTURE_LABEL = 'kubernetes.io/arch';

/** Architectures of edge nodes, as that label names them; `arm` is 32-bit. */
export const ARCHITECTURES = ['amd64', 'arm64', 'arm'] as const;

/** One of them. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** Some of them, at least one. */
export const architectures: Rule = {
  allowed: `a list of one or more of ${ARCHITECTURES.join(', ')}`,
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((one) => ARCHITECTURES.includes(one)),
};

/** The label of nodes whose Docker sends its logs to Loki by itself: no collector reads files there. */
export const DOCKER_DRIVER_LABEL = { 'edge-observability.io/logs': 'docker-driver' } as const;

/** What a node's labels must be, all of it. */
export type NodeRequirements = readonly k8s.NodeSelectorRequirement[];

/** The label by which KubeEdge says in which NodeGroup a node is. */
export const NODE_GROUP_LABEL = 'apps.kubeedge.io/belonging-to';

/**
 * Keeps pods on edge nodes, there on those that meet one of several sets of requirements, and off those that
 * carry one of some labels.
 *
 * @default - every edge node
 */
export const onEdge = (
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
  return nodesWhere(
    (alternatives.length ? alternatives : [[]]).map((more) => [
      { key: EDGE_LABEL, operator: 'Exists' },
      ...more,
      ...others,
    ]),
  );
};

/**
 * Keeps pods off edge nodes.
 *
 * CloudCore creates the Node of a joining edge without labels and adds them a moment later. Until then the edge label is
 * missing there as on a cloud node: a label that every kubelet sets itself tells the two apart.
 */
export const inCloud = (): k8s.Affinity =>
  nodesWhere([
    [
      { key: EDGE_LABEL, operator: 'DoesNotExist' },
      { key: OS_LABEL, operator: 'In', values: ['linux'] },
    ],
  ]);

/** Prefers another node for each replica. */
export const apart = (identity: Identity): k8s.Affinity => ({
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

/** Prefers zones in which there are fewer of the replicas. */
export const overZones = (identity: Identity): k8s.TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: 'topology.kubernetes.io/zone',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: identity.selector },
});

function nodesWhere(alternatives: readonly NodeRequirements[]): k8s.Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: alternatives.map((requirements) => ({ matchExpressions: [...requirements] })),
      },
    },
  };
}
