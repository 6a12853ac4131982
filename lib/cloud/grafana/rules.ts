import type { RuleSource } from '../../contracts/rules';
import { componentDown } from '../component-down';

/** Returns rules about Grafana. No data is lost while it is down. */
export const grafanaRules = (job = 'grafana'): RuleSource => ({
  ruleGroups: [
    { name: 'stack', rules: [componentDown('Grafana', job, 'warning', 'dashboards are unavailable')] },
  ],
});
