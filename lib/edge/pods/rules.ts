import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import {
  defineNumberThreshold,
  durationThreshold,
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import type { Duration } from '../../core/units';
import { edgeAlert, NODE_LABELS, NODE_TEXT } from '../edge-alert';

/** Thresholds of the alerts about pods on edge nodes. */
export interface PodThresholds {
  /** Number of restarts of a container within an hour at which the alert EdgePodRestarting fires. @default 3 */
  readonly podRestarts: number;
  /** Time after which the alert EdgePodNotReady fires for a pod that is not ready. @default "15m" */
  readonly podNotReady: Duration;
  /**
   * Percentage of CPU periods in which a container is throttled by its CPU limit, above which the alert
   * EdgePodCpuThrottled fires.
   * @default 25
   */
  readonly cpuThrottledPercent: number;
  /**
   * Time after which the alert EdgePodOutdated fires for pods that run an outdated template. With the update strategy
   * OnDelete, a pod is only updated when it is deleted.
   * @default "2d"
   */
  readonly podOutdated: Duration;
}

/** Validation rules and defaults of `PodThresholds`. */
export const POD_THRESHOLDS: ThresholdTable<PodThresholds> = {
  podRestarts: defineNumberThreshold(1, 1_000, 3, 'restarts'),
  podNotReady: durationThreshold('15m'),
  cpuThrottledPercent: percentThreshold(25),
  podOutdated: durationThreshold('2d'),
};

const POD_TEXT = '{{ $labels.namespace }}/{{ $labels.pod }}';

/**
 * Returns alerts about pods of edge nodes: restarts, pods that are not ready, and outdated templates. The rules use
 * kube-state-metrics, which shows the state that EdgeCore last reported to the API server
 * (https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload).
 */
export function alertRulesAboutEdgePods(
  given: Partial<PodThresholds> = {},
  namespace = 'monitoring-edge',
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-pods', POD_THRESHOLDS, given);
  /** Returns an expression that adds the labels `node` and `group` to series of pods. */
  const addNodeAndGroupLabelsToPodSeries = (expr: string, more = '') =>
    `max by (${NODE_LABELS}, namespace, pod${more}) (
  ${expr}
  * on (cluster, namespace, pod) group_left (node) max by (cluster, namespace, pod, node) (kube_pod_info{node!=""})
  * on (cluster, node) group_left (group) edge_node:fresh
)`;
  return {
    ruleGroups: [
      {
        name: 'edge-pods',
        // These rules are the most expensive ones, and none of their alerts is urgent.
        interval: '1m',
        rules: [
          edgeAlert('EdgePodRestarting', {
            severity: 'warning',
            expr: `${addNodeAndGroupLabelsToPodSeries('increase(kube_pod_container_status_restarts_total[1h])', ', container')} >= ${limits.podRestarts}`,
            summary: `Pod ${POD_TEXT} is restarting on ${NODE_TEXT}`,
            description: `Container {{ $labels.container }} of ${POD_TEXT} on ${NODE_TEXT} restarted {{ $value | printf "%.0f" }} times within an hour.`,
          }),
          edgeAlert('EdgePodNotReady', {
            severity: 'warning',
            for: limits.podNotReady,
            expr: addNodeAndGroupLabelsToPodSeries(`(max by (cluster, namespace, pod) (kube_pod_status_ready{condition=~"false|unknown"}) == 1)
  * on (cluster, namespace, pod) (max by (cluster, namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running|Unknown"}) == 1)`),
            summary: `Pod ${POD_TEXT} is not ready on ${NODE_TEXT}`,
            description: `Pod ${POD_TEXT} on ${NODE_TEXT} has not been ready for ${limits.podNotReady}, although the node sends data.`,
          }),
          alertingRule('EdgePodOutdated', {
            severity: 'info',
            for: limits.podOutdated,
            expr: `max by (cluster, namespace, daemonset) (
  kube_daemonset_status_desired_number_scheduled{namespace="${namespace}"}
  - kube_daemonset_status_updated_number_scheduled{namespace="${namespace}"}
) > 0`,
            summary: 'Pods of {{ $labels.daemonset }} run an outdated template',
            description:
              '{{ $value | humanize }} pods of {{ $labels.namespace }}/{{ $labels.daemonset }} run an outdated template. With the update strategy OnDelete, a pod is only updated when it is deleted: run the command "rollout".',
          }),
        ],
      },
    ],
  };
}

/**
 * Returns alerts about CPU throttling and OOM kills of containers. The rules require an `EdgeMetricsAgent` that scrapes
 * the kubelet (https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md). The rules ignore containers
 * of nodes that report no pod names (kubeedge#2817).
 */
export function alertRulesAboutEdgeContainers(given: Partial<PodThresholds> = {}): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-containers', POD_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'edge-containers',
        interval: '1m',
        rules: [
          edgeAlert('EdgePodCpuThrottled', {
            severity: 'info',
            for: '30m',
            expr: `max by (${NODE_LABELS}, namespace, pod, container) (
  rate(container_cpu_cfs_throttled_periods_total{pod!="", container!=""}[5m])
  / (rate(container_cpu_cfs_periods_total{pod!="", container!=""}[5m]) > 0)
) > ${limits.cpuThrottledPercent / 100}`,
            summary: `Pod ${POD_TEXT} is CPU throttled on ${NODE_TEXT}`,
            description: `Container {{ $labels.container }} of ${POD_TEXT} on ${NODE_TEXT} was throttled by its CPU limit in {{ $value | humanizePercentage }} of its CPU periods.`,
          }),
          edgeAlert('EdgePodOomKilled', {
            severity: 'warning',
            expr: `max by (${NODE_LABELS}, namespace, pod, container) (
  increase(container_oom_events_total{pod!="", container!=""}[15m])
) > 0`,
            summary: `Pod ${POD_TEXT} was OOM killed on ${NODE_TEXT}`,
            description: `Container {{ $labels.container }} of ${POD_TEXT} on ${NODE_TEXT} reached its memory limit {{ $value | printf "%.0f" }} times within 15 minutes.`,
          }),
        ],
      },
    ],
  };
}
