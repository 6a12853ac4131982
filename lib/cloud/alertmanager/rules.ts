import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { componentDownAlert } from '../component-down';

/**
 * Returns the alerts about Alertmanager: all replicas are down, a replica is missing in the Alertmanager cluster, a
 * configuration fails to load, or notifications fail.
 */
export function alertRulesAboutAlertmanager({
  job = 'alertmanager',
  replicas = 2,
}: {
  readonly job?: string;
  readonly replicas?: number;
} = {}): RuleSource {
  /** Returns the PromQL selector of a metric of Alertmanager, such as `alertmanager_alerts{job="alertmanager"}`. */
  const alertmanagerMetricSelector = (metric: string) => `${metric}{job="${job}"}`;
  return {
    ruleGroups: [
      {
        name: 'alertmanager',
        rules: [
          componentDownAlert('Alertmanager', job, 'critical', 'no notifications are sent'),
          alertingRule('AlertmanagerConfigReloadFailed', {
            severity: 'critical',
            for: '10m',
            expr: `min by (cluster, job, instance) (${alertmanagerMetricSelector('alertmanager_config_last_reload_successful')}) == 0`,
            summary: 'Alertmanager failed to reload its configuration',
            description:
              '{{ $labels.instance }} could not load its new configuration and keeps using the previous one.',
          }),
          alertingRule('AlertmanagerSplit', {
            severity: 'warning',
            for: '15m',
            expr: `min by (cluster, job, instance) (${alertmanagerMetricSelector('alertmanager_cluster_members')}) < ${replicas}`,
            summary: 'Alertmanager cluster is incomplete',
            description: `{{ $labels.instance }} sees {{ $value | humanize }} of ${replicas} replicas. Notifications may be sent more than once.`,
          }),
          alertingRule('AlertmanagerNotificationsFailing', {
            severity: 'critical',
            for: '5m',
            // Alertmanager counts a failed notification once per group interval (5m), so a range of one
            // interval may miss it.
            expr: `sum by (cluster, job, integration) (rate(${alertmanagerMetricSelector('alertmanager_notifications_failed_total')}[15m]))
/ (sum by (cluster, job, integration) (rate(${alertmanagerMetricSelector('alertmanager_notifications_total')}[15m])) > 0) > 0.01`,
            summary: 'Alertmanager fails to send notifications',
            description:
              '{{ $value | humanizePercentage }} of the notifications through {{ $labels.integration }} fail.',
          }),
        ],
      },
    ],
  };
}
