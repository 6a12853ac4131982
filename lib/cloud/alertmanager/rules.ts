import type { RuleSource } from '../../contracts/rules';
import { alert } from '../../core/alerts';
import { componentDown } from '../component-down';

/** Returns rules about Alertmanager's replicas and failed notifications. */
export function alertmanagerRules({
  job = 'alertmanager',
  replicas = 2,
}: {
  readonly job?: string;
  readonly replicas?: number;
} = {}): RuleSource {
  const of = (metric: string) => `${metric}{job="${job}"}`;
  return {
    ruleGroups: [
      {
        name: 'alertmanager',
        rules: [
          componentDown('Alertmanager', job, 'critical', 'nobody is told of any alert'),
          alert('AlertmanagerConfigReloadFailed', {
            severity: 'critical',
            for: '10m',
            expr: `min by (cluster, job, instance) (${of('alertmanager_config_last_reload_successful')}) == 0`,
            summary: 'Alertmanager runs an older configuration',
            description:
              '{{ $labels.instance }} could not read its configuration and goes on with the former.',
          }),
          alert('AlertmanagerSplit', {
            severity: 'warning',
            for: '15m',
            expr: `min by (cluster, job, instance) (${of('alertmanager_cluster_members')}) < ${replicas}`,
            summary: 'Alertmanagers do not see each other',
            description: `{{ $labels.instance }} sees {{ $value | humanize }} of ${replicas} replicas: alerts are sent more than once.`,
          }),
          alert('AlertmanagerNotificationsFailing', {
            severity: 'critical',
            for: '5m',
            // A failed notification is counted once per group interval, so a range of only one interval may
            // miss it.
            expr: `sum by (cluster, job, integration) (rate(${of('alertmanager_notifications_failed_total')}[15m]))
/ (sum by (cluster, job, integration) (rate(${of('alertmanager_notifications_total')}[15m])) > 0) > 0.01`,
            summary: 'Receivers are not reached',
            description:
              '{{ $value | humanizePercentage }} of what goes out by {{ $labels.integration }} fails.',
          }),
        ],
      },
    ],
  };
}
