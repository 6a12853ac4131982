import type { RuleSource } from '../../contracts/rules';
import { componentDownAlert } from '../component-down';

/**
 * Returns the alert about Grafana. The severity is warning, because no data is lost while Grafana is down.
 */
export const alertRulesAboutGrafana = (job = 'grafana'): RuleSource => ({
  ruleGroups: [
    { name: 'stack', rules: [componentDownAlert('Grafana', job, 'warning', 'dashboards are unavailable')] },
  ],
});
