import type { RuleSource } from '../../contracts/rules';
import { alert } from '../../core/alerts';

/**
 * Returns rules about the Prometheus of an operator. What happens within it is watched by the rules that come with it; that it reads
 * this stack is not.
 */
export const operatedPrometheusRules = (job = 'prometheus'): RuleSource => ({
  ruleGroups: [
    {
      name: 'prometheus-operator',
      rules: [
        alert('MetricsStoreTargetsMissing', {
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
