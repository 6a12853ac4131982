import type * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import type { Identity } from './labels';

/** The label that KubeEdge gives to the nodes that joined at the edge. */
export const EDGE_LABEL = 'node-role.kubernetes.io/edge';

/** The taint that many teams put on edge nodes; KubeEdge itself sets none. */
export const EDGE_TOLERATION: k8s.Toleration = { key: EDGE_LABEL, operator: 'Exists', effect: 'NoSchedule' };

/** Keeps pods on edge nodes. */
export const onEdge = (): k8s.Affinity => nodesWhere({ key: EDGE_LABEL, operator: 'Exists' });

/** Keeps pods off edge nodes. */
export const inCloud = (): k8s.Affinity => nodesWhere({ key: EDGE_LABEL, operator: 'DoesNotExist' });

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

function nodesWhere(requirement: k8s.NodeSelectorRequirement): k8s.Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [requirement] }],
      },
    },
  };
}
