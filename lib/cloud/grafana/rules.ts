import type { RuleSource } from '../../contracts/rules';
import { componentDown } from '../component-down';

/** Grafana: without it nothing is lost, but nothing is seen. */
export const grafanaRules = (job = 'grafana'): RuleSource => ({
  ruleGroups: [
    { name: 'stack', rules: [componentDown('Grafana', job, 'warning', 'nobody sees dashboards')] },
  ],
});
