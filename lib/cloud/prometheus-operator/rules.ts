import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';

/**
 * Returns the alert that fires if an operator's Prometheus scrapes no target of this stack. The alerts of
 * kube-prometheus-stack cover all other failures of that Prometheus.
 */
export const operatedPrometheusRules = (job = 'prometheus'): RuleSource => ({
  ruleGroups: [
    {
      name: 'prometheus-operator',
      rules: [
        alertingRule('MetricsStoreTargetsMissing', {
          severity: 'critical',
          for: '10m',
          expr: `absent(up{job="${job}"})`,
          summary: 'Prometheus scrapes no target of this stack',
          description:
            'Prometheus evaluates the rules of cluster {{ $labels.cluster }} and has none of its scrape jobs: its selectors do not match the ScrapeConfigs, or the Prometheus Operator rejects them.',
        }),
      ],
    },
  ],
});
