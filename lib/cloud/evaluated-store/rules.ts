import type { AlertRule, RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { watchdogAndTargetDownAlerts } from '../watchdog-alerts';
import { EVALUATOR } from './rule-evaluator';
import { SCRAPER } from './scraper';

/** Size of vmagent's queue in bytes above which the alert MetricsScraperBehind fires. */
const MAX_QUEUE_BYTES = 64 * 2 ** 20;

/**
 * Returns the alerts Watchdog and TargetDown. Watchdog queries the series `up` of the vmagent, so that the
 * notifications of Watchdog also stop when the store does not answer queries.
 * @param scraper scrape job of the vmagent
 */
export const ruleGroupWithWatchdogAndTargetDown = (scraper = SCRAPER): RuleSource => ({
  ruleGroups: [
    {
      name: 'watchdog',
      rules: watchdogAndTargetDownAlerts().map((rule) =>
        rule.severity === 'none' ? { ...rule, expr: `count by (cluster) (up{job="${scraper}"})` } : rule,
      ),
    },
  ],
});

/**
 * Returns the alerts about the vmagent that scrapes targets for a store, and about the vmalerts that evaluate the
 * rules.
 * The alerts use metrics of vmagent 1.145 and vmalert 1.145.
 */
export function alertRulesAboutScraperAndRuleEvaluator({
  scraper = SCRAPER,
  evaluator = EVALUATOR,
}: {
  readonly scraper?: string;
  readonly evaluator?: string;
} = {}): RuleSource {
  return {
    ruleGroups: [
      {
        name: 'metrics-store',
        rules: [scraperBacklogAlert(scraper), ...alertsAboutRuleEvaluator(evaluator)],
      },
    ],
  };
}

/** Returns the alert about a vmagent that queues more than 64 MiB of samples, or drops samples. */
const scraperBacklogAlert = (job: string): AlertRule =>
  alertingRule('MetricsScraperBehind', {
    severity: 'critical',
    for: '10m',
    expr: `max by (cluster, job) (vmagent_remotewrite_pending_data_bytes{job="${job}"}) > ${MAX_QUEUE_BYTES}
or max by (cluster, job) (increase(vmagent_remotewrite_packets_dropped_total{job="${job}"}[15m])) > 0
or max by (cluster, job) (increase(vm_persistentqueue_bytes_dropped_total{job="${job}"}[15m])) > 0`,
    summary: 'Samples of targets in the cloud do not reach the store',
    description:
      '{{ $labels.job }} queues or drops samples: the store is down, is too slow, or rejects samples.',
  });

/** Returns the alerts about vmalerts whose evaluations, recorded samples or notifications fail. */
const alertsAboutRuleEvaluator = (job: string): AlertRule[] => [
  alertingRule('MetricsRulesFailing', {
    severity: 'critical',
    for: '10m',
    expr: `sum by (cluster, job) (increase(vmalert_execution_errors_total{job="${job}"}[10m])) > 0
or sum by (cluster, job) (increase(vmalert_remotewrite_dropped_rows_total{job="${job}"}[10m])) > 0`,
    summary: 'Rule evaluation fails, or recorded samples are not stored',
    description:
      'Within ten minutes, {{ $labels.job }} failed {{ $value | printf "%.0f" }} times to evaluate a rule or to store a recorded sample.',
  }),
  alertingRule('MetricsRulesNotSent', {
    severity: 'critical',
    for: '10m',
    expr: `sum by (cluster, job) (increase(vmalert_alerts_send_errors_total{job="${job}"}[5m])) > 0`,
    summary: 'Alerts do not reach all replicas of Alertmanager',
    description:
      '{{ $value | printf "%.0f" }} notifications of {{ $labels.job }} failed within five minutes.',
  }),
];
