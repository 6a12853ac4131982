import type { RuleSource } from '../../contracts/rules';
import { alert } from '../../core/alerts';
import { componentDown } from '../component-down';

/**
 * Returns rules about kube-state-metrics. No data is lost while it is down, but alerts that depend on it do
 * not fire.
 */
export const kubeStateMetricsRules = (job = 'kube-state-metrics'): RuleSource => ({
  ruleGroups: [
    {
      name: 'stack',
      rules: [
        componentDown('KubeStateMetrics', job, 'warning', 'alerts about pods and nodes cannot fire'),
        alert('KubeStateMetricsErrors', {
          severity: 'warning',
          for: '15m',
          // https://github.com/kubernetes/kube-state-metrics#kube-state-metrics-self-metrics
          expr: `sum by (cluster, job, resource) (rate(kube_state_metrics_list_total{job="${job}-self", result="error"}[5m])) > 0
or sum by (cluster, job, resource) (rate(kube_state_metrics_watch_total{job="${job}-self", result="error"}[5m])) > 0.1`,
          summary: 'kube-state-metrics cannot list {{ $labels.resource }}',
          description:
            'The API server denies or fails requests for {{ $labels.resource }}. Alerts about them cannot fire.',
        }),
      ],
    },
  ],
});
