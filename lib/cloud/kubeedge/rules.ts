import type { RuleSource } from '../../contracts/rules';
import { alertingRule, recordingRule } from '../../core/alerts';
import {
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';

/** Thresholds of the alerts about KubeEdge's CloudCore. */
export interface KubeEdgeThresholds {
  /**
   * KubeEdgeNodesDisconnecting fires if at least this percentage of edge nodes lost the connection to CloudCore within
   * an hour.
   * @default 20
   */
  readonly disconnectedPercent: number;
}

/** Allowed range and default of each threshold in `KubeEdgeThresholds`. */
export const KUBEEDGE_THRESHOLDS: ThresholdTable<KubeEdgeThresholds> = {
  disconnectedPercent: percentThreshold(20),
};

/**
 * Returns the rules about CloudCore. The rules use metrics of kube-state-metrics
 * (https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics). CloudCore has its own metrics
 * from KubeEdge 1.13 on, but serves them only on the loopback address 127.0.0.1:9091, which Prometheus cannot
 * reach.
 * @param given thresholds that override the defaults
 * @param cloudCore namespace and name of CloudCore's Deployment
 */
export function alertAndRecordingRulesAboutKubeEdge(
  given: Partial<KubeEdgeThresholds> = {},
  {
    namespace = 'kubeedge',
    deployment = 'cloudcore',
  }: { readonly namespace?: string; readonly deployment?: string } = {},
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('kubeedge', KUBEEDGE_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'kubeedge',
        rules: [
          recordingRule(
            'edge_fleet:nodes_connected:count',
            'Number of edge nodes whose condition Ready is true; CloudCore sets this condition',
            `sum by (cluster) (
  max by (cluster, node) (kube_node_status_condition{condition="Ready", status="true"})
  and on (cluster, node) kube_node_role{role="edge"}
)`,
          ),
          alertingRule('KubeEdgeCloudCoreDown', {
            severity: 'critical',
            for: '5m',
            expr: `max by (cluster, namespace, deployment) (kube_deployment_status_replicas_available{namespace="${namespace}", deployment="${deployment}"}) == 0`,
            summary: 'CloudCore is down',
            description:
              'No replica of {{ $labels.namespace }}/{{ $labels.deployment }} is available. Pods on edge nodes keep running, but edge nodes receive no changes to pods, ConfigMaps or Secrets.',
            mutes: [
              { matchers: ['alertname=~"KubeEdgeNodesDisconnecting|EdgeKubeletAway"'], equal: ['cluster'] },
            ],
          }),
          alertingRule('KubeEdgeNodesDisconnecting', {
            severity: 'critical',
            for: '5m',
            expr: `1 - edge_fleet:nodes_connected:count / max_over_time(edge_fleet:nodes_connected:count[1h]) >= ${limits.disconnectedPercent / 100}`,
            summary: 'Edge nodes of cluster {{ $labels.cluster }} are losing the connection to CloudCore',
            description:
              '{{ $value | humanizePercentage }} of the edge nodes that were ready within the last hour are not ready any more.',
          }),
        ],
      },
    ],
  };
}
