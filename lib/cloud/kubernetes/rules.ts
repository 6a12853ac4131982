import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { OF_THE_CLOUD } from '../../core/reserved-relabeling';
import {
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';

/** Thresholds of the alerts about the cloud cluster. */
export interface KubernetesThresholds {
  /** KubeVolumeFull fires if more than this percentage of a persistent volume is used. @default 85 */
  readonly volumeUsedPercent: number;
}

/** Allowed range and default of each threshold in `KubernetesThresholds`. */
export const KUBERNETES_THRESHOLDS: ThresholdTable<KubernetesThresholds> = {
  volumeUsedPercent: percentThreshold(85),
};

/**
 * Returns a basic set of alerts about the cloud cluster; kube-prometheus has many more. The alerts use
 * metrics of kube-state-metrics and the kubelet
 * (https://kubernetes.io/docs/reference/instrumentation/metrics/). Edge nodes and their pods are excluded, because
 * other rules of this project cover edge nodes and take lost connections into account. There is one exception:
 * KubeWorkloadUnavailable counts all pods of a Deployment or StatefulSet, even pods on edge nodes.
 */
export function alertRulesAboutKubernetes(given: Partial<KubernetesThresholds> = {}): RuleSource {
  const limits = validateAndApplyThresholdDefaults('kubernetes', KUBERNETES_THRESHOLDS, given);
  const notOfTheEdge = 'unless on (cluster, node) kube_node_role{role="edge"}';
  const edgePods = `unless on (cluster, namespace, pod) (
  kube_pod_info and on (cluster, node) kube_node_role{role="edge"}
)`;
  const available = `kubelet_volume_stats_available_bytes{${OF_THE_CLOUD}}`;
  return {
    ruleGroups: [
      {
        name: 'kubernetes',
        rules: [
          alertingRule('KubeNodeNotReady', {
            severity: 'critical',
            for: '10m',
            expr: `max by (cluster, node) (kube_node_status_condition{condition="Ready", status="true"}) == 0
${notOfTheEdge}`,
            summary: 'Cloud node {{ $labels.node }} is not ready',
            description:
              'Cloud node {{ $labels.node }} has not been ready for 10 minutes. Kubernetes starts pods of Deployments on other nodes. Pods of StatefulSets are unavailable until the node is ready or deleted.',
            mutes: [{ matchers: ['alertname="TargetDown"'], equal: ['cluster', 'node'] }],
          }),
          alertingRule('KubePodCrashLooping', {
            severity: 'warning',
            for: '15m',
            expr: `max by (cluster, namespace, pod, container) (
  max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m])
) == 1
${edgePods}`,
            summary: 'Pod {{ $labels.namespace }}/{{ $labels.pod }} is crash looping',
            description:
              'Container {{ $labels.container }} of pod {{ $labels.namespace }}/{{ $labels.pod }} is in CrashLoopBackOff.',
          }),
          alertingRule('KubeWorkloadUnavailable', {
            severity: 'warning',
            for: '15m',
            expr: ['deployment', 'statefulset']
              .map(
                (kind) => `label_replace(
  max by (cluster, namespace, ${kind}) (kube_${kind}_${kind === 'deployment' ? 'spec_replicas' : 'replicas'})
  - max by (cluster, namespace, ${kind}) (kube_${kind}_status_replicas_${kind === 'deployment' ? 'available' : 'ready'}) > 0,
  "workload", "$1", "${kind}", "(.+)"
)`,
              )
              .join('\nor '),
            summary: '{{ $labels.namespace }}/{{ $labels.workload }} has unavailable replicas',
            description:
              '{{ $value | humanize }} replicas of {{ $labels.namespace }}/{{ $labels.workload }} are not available.',
          }),
          alertingRule('KubeVolumeFull', {
            severity: 'critical',
            for: '5m',
            expr: `max by (cluster, namespace, persistentvolumeclaim) (
  1 - ${available} / kubelet_volume_stats_capacity_bytes
) > ${limits.volumeUsedPercent / 100}`,
            summary: 'Volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is almost full',
            description:
              '{{ $value | humanizePercentage }} of PersistentVolumeClaim {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is used.',
            mutes: [
              {
                matchers: ['alertname="KubeVolumeFilling"'],
                equal: ['cluster', 'namespace', 'persistentvolumeclaim'],
              },
            ],
          }),
          alertingRule('KubeVolumeFilling', {
            severity: 'warning',
            for: '1h',
            expr: `max by (cluster, namespace, persistentvolumeclaim) (
  ${available} / kubelet_volume_stats_capacity_bytes < 0.4
  and predict_linear(${available}[6h], 4 * 86400) < 0
)`,
            summary: 'Volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is filling up',
            description:
              'At the rate of the last 6 hours, the volume will be full within 4 days. {{ $value | humanizePercentage }} of the volume is free.',
          }),
        ],
      },
    ],
  };
}
