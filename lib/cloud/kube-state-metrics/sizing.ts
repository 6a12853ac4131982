import type { Resources } from '../../core/pods';
import { MEBI, resourcesFromUsage } from '../../fleet/amounts';
import type { Fleet } from '../../fleet/fleet';
import { sumBy } from '../../fleet/node-requests';
import { formatBytes, type Sizing } from '../../fleet/sizing';

/**
 * Coefficients for the memory of kube-state-metrics, for nodes with ten pods each. The coefficients are a third of the
 * figures for nodes with thirty pods in
 * https://github.com/kubernetes/kube-state-metrics/blob/v1.9.8/README.md.
 */
export const KUBE_STATE_METRICS = {
  baseBytes: (200 / 3) * 2 ** 20,
  bytesPerNode: (2 / 3) * 2 ** 20,
} as const;

/** Planned resources of kube-state-metrics. */
export interface KubeStateMetricsPlan {
  /** Memory of kube-state-metrics in bytes. The memory grows with the number of edge nodes. */
  readonly kubeStateMetrics: {
    readonly memory: number;
  };
}

/** Computes the memory of kube-state-metrics for a fleet, in bytes. */
function computeKubeStateMetricsNeeds({ groups }: Fleet): KubeStateMetricsPlan['kubeStateMetrics'] {
  const { baseBytes, bytesPerNode } = KUBE_STATE_METRICS;
  return { memory: baseBytes + sumBy(groups, ({ nodes }) => nodes) * bytesPerNode };
}

/** Resources of kube-state-metrics, computed for the fleet. */
export interface KubeStateMetricsSizes {
  readonly kubeStateMetrics?: { readonly resources: Resources };
}

/** Computes the planned memory and the resources of kube-state-metrics for a fleet. */
export const kubeStateMetricsSizing: Sizing<KubeStateMetricsPlan, KubeStateMetricsSizes> = {
  needs: (fleet) => ({ kubeStateMetrics: computeKubeStateMetricsNeeds(fleet) }),
  rows: ({ kubeStateMetrics: { memory } }) => [['kube-state-metrics: memory', formatBytes(memory)]],
  sizes: ({ kubeStateMetrics: { memory } }) => ({
    kubeStateMetrics: { resources: resourcesFromUsage(0, memory, 128 * MEBI) },
  }),
};
