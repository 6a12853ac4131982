import type { Resources } from '../../core/pods';
import { MEBI, resources } from '../../fleet/amounts';
import type { Fleet } from '../../fleet/fleet';
import { sum } from '../../fleet/sendings';
import { type Sizing, size } from '../../fleet/sizing';

/**
 * What a kube-state-metrics takes of memory, of nodes with ten pods: a third of what
 * https://github.com/kubernetes/kube-state-metrics/blob/v1.9.8/README.md asks for at thirty.
 */
export const KUBE_STATE_METRICS = {
  baseBytes: (200 / 3) * 2 ** 20,
  bytesPerNode: (2 / 3) * 2 ** 20,
} as const;

/** Its entry in a plan. */
export interface KubeStateMetricsPlan {
  /** What kube-state-metrics needs, which knows all nodes and their pods. */
  readonly kubeStateMetrics: {
    readonly memory: number;
  };
}

function needs({ groups }: Fleet): KubeStateMetricsPlan['kubeStateMetrics'] {
  const { baseBytes, bytesPerNode } = KUBE_STATE_METRICS;
  return { memory: baseBytes + sum(groups, ({ nodes }) => nodes) * bytesPerNode };
}

/** Its entry among the sizes of an environment. */
export interface KubeStateMetricsSizes {
  readonly kubeStateMetrics?: { readonly resources: Resources };
}

/** What kube-state-metrics needs for a fleet. */
export const kubeStateMetricsSizing: Sizing<KubeStateMetricsPlan, KubeStateMetricsSizes> = {
  needs: (fleet) => ({ kubeStateMetrics: needs(fleet) }),
  rows: ({ kubeStateMetrics: { memory } }) => [['kube-state-metrics: memory', size(memory)]],
  sizes: ({ kubeStateMetrics: { memory } }) => ({
    kubeStateMetrics: { resources: resources(0, memory, 128 * MEBI) },
  }),
};
