import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';

/**
 * Returns the alert that fires if an operator's Prometheus scrapes no target of this stack. The alerts of
 * kube-prometheus-stack cover all other failures of that Prometheus.
 */
export const alertRulesAboutOperatorPrometheus = (job = 'prometheus'): RuleSource => ({
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
            'Prometheus evaluates the rules of cluster {{ $labels.cluster }}, but does not run the scrape jobs of this cluster: the selectors of the Prometheus object do not match the ScrapeConfigs, or the Prometheus Operator rejects the ScrapeConfigs.',
        }),
      ],
    },
  ],
});
