import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { componentDownAlert } from '../component-down';

/**
 * Returns the alerts about kube-state-metrics: it is down, or the API server denies its requests. While
 * kube-state-metrics is down, no edge data is lost, but alerts that use its metrics cannot fire.
 * @param job scrape job of kube-state-metrics
 */
export const alertRulesAboutKubeStateMetrics = (job = 'kube-state-metrics'): RuleSource => ({
  ruleGroups: [
    {
      name: 'stack',
      rules: [
        componentDownAlert(
          'KubeStateMetrics',
          job,
          'warning',
          'alerts about pods, Kubernetes nodes and KubeEdge cannot fire',
        ),
        alertingRule('KubeStateMetricsErrors', {
          severity: 'warning',
          for: '15m',
          // https://github.com/kubernetes/kube-state-metrics#kube-state-metrics-self-metrics
          expr: `sum by (cluster, job, resource) (rate(kube_state_metrics_list_total{job="${job}-self", result="error"}[5m])) > 0
or sum by (cluster, job, resource) (rate(kube_state_metrics_watch_total{job="${job}-self", result="error"}[5m])) > 0.1`,
          summary: 'kube-state-metrics cannot list {{ $labels.resource }}',
          description:
            'kube-state-metrics cannot read {{ $labels.resource }} from the API server. Alerts about {{ $labels.resource }} cannot fire.',
        }),
      ],
    },
  ],
});
